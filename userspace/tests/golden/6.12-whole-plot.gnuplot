set terminal svg noenhanced size 1200,840 background 'white'
set output "plot.svg"
set grid
set key above
set lmargin 10
set datafile missing NaN
$engine0 << END
0.000 19.64 NaN
0.050 96.94 92.34
0.100 100.00 86.73
0.150 89.14 92.35
0.200 100.00 105.15
0.250 96.18 109.84
0.300 99.56 117.74
0.350 100.00 124.90
0.400 95.19 158.16
0.450 93.69 160.67
0.500 94.88 158.48
0.550 100.00 155.70
0.600 93.41 159.18
0.650 98.80 156.81
0.700 100.00 148.24
0.750 86.03 145.95
0.800 100.00 149.38
0.850 100.00 157.07
0.900 100.00 163.35
0.950 94.01 167.70
1.000 100.00 169.60
1.050 88.89 170.77
1.100 98.48 171.44
1.150 100.00 174.75
1.200 100.00 179.31
1.250 100.00 173.76
1.300 94.51 174.41
1.350 100.00 179.26
1.400 100.00 184.43
1.450 96.10 183.07
1.500 99.82 183.32
1.550 95.29 184.89
1.600 95.40 187.67
1.650 100.00 186.98
1.700 86.09 188.87
1.750 100.00 185.15
1.800 93.38 187.82
1.850 94.42 184.20
1.900 94.75 184.77
1.950 100.00 186.23
2.000 90.74 7.50
END
$engine1 << END
0.000 0.00 NaN
0.050 0.00 NaN
0.100 100.00 156.25
0.150 89.14 153.45
0.200 100.00 151.03
0.250 96.18 150.03
0.300 99.56 150.52
0.350 100.00 150.21
0.400 95.19 200.07
0.450 93.69 199.56
0.500 94.88 198.52
0.550 100.00 199.56
0.600 93.41 199.39
0.650 98.80 199.06
0.700 100.00 197.90
0.750 86.03 199.10
0.800 100.00 198.05
0.850 100.00 199.37
0.900 100.00 199.47
0.950 94.01 199.25
1.000 100.00 197.40
1.050 88.89 198.43
1.100 98.48 198.25
1.150 100.00 197.60
1.200 100.00 199.57
1.250 100.00 197.97
1.300 94.51 198.15
1.350 100.00 198.16
1.400 100.00 199.36
1.450 96.10 198.66
1.500 99.82 199.56
1.550 95.29 198.51
1.600 95.40 199.48
1.650 100.00 197.28
1.700 86.09 198.76
1.750 100.00 198.87
1.800 93.38 201.01
1.850 94.42 197.87
1.900 94.75 199.31
1.950 100.00 200.18
2.000 90.74 8.83
END
$engine2 << END
0.000 0.00 NaN
0.050 0.00 NaN
0.100 0.00 NaN
0.150 0.00 NaN
0.200 0.00 NaN
0.250 0.00 NaN
0.300 0.00 NaN
0.350 0.00 NaN
0.400 0.00 NaN
0.450 0.00 NaN
0.500 0.00 NaN
0.550 0.00 NaN
0.600 0.00 NaN
0.650 0.00 NaN
0.700 0.00 NaN
0.750 0.00 NaN
0.800 0.00 NaN
0.850 0.00 NaN
0.900 0.00 NaN
0.950 0.00 NaN
1.000 0.00 NaN
1.050 0.00 NaN
1.100 0.00 NaN
1.150 0.00 NaN
1.200 0.00 NaN
1.250 0.00 NaN
1.300 0.00 NaN
1.350 0.00 NaN
1.400 0.00 NaN
1.450 0.00 NaN
1.500 0.00 NaN
1.550 0.00 NaN
1.600 0.00 NaN
1.650 0.00 NaN
1.700 0.00 NaN
1.750 0.00 NaN
1.800 0.00 NaN
1.850 0.00 NaN
1.900 0.00 NaN
1.950 0.00 NaN
2.000 0.00 NaN
END
set arrow from 0.091, graph 0 to 0.091, graph 1 nohead dashtype 3
set arrow from 0.091, graph 0 to 0.091, graph 1 nohead dashtype 3
set arrow from 1.941, graph 0 to 1.941, graph 1 nohead dashtype 3
set multiplot layout 2,1 title "DMA engines (dashed: moves of threads)\n"
set xrange [0:2.310]
set ylabel 'utilisation %'
set yrange [0:105]
plot $engine0 using 1:2 with lines linewidth 2 title "dma_engine_sim.0", $engine1 using 1:2 with lines linewidth 2 title "dma_engine_sim.1", $engine2 using 1:2 with lines linewidth 2 title "dma_engine_sim.2"
unset key
set xlabel 'seconds from the start of the recording'
set ylabel 'forecast %'
set yrange [0:250]
plot $engine0 using 1:3 with lines linewidth 2 title "dma_engine_sim.0", $engine1 using 1:3 with lines linewidth 2 title "dma_engine_sim.1", keyentry with lines linewidth 2 title "dma_engine_sim.2"
unset multiplot

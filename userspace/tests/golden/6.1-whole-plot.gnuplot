set terminal svg noenhanced size 1200,840 background 'white'
set output "plot.svg"
set grid
set key above
set lmargin 10
set datafile missing NaN
$engine0 << END
0.000 35.69 NaN
0.050 96.80 129.95
0.100 100.00 65.23
0.150 89.14 85.56
0.200 100.00 90.40
0.250 96.18 96.55
0.300 99.56 105.38
0.350 83.86 104.63
0.400 100.00 106.76
0.450 93.69 107.73
0.500 94.88 113.13
0.550 100.00 124.22
0.600 93.41 126.70
0.650 98.80 132.88
0.700 100.00 138.24
0.750 86.03 145.45
0.800 100.00 152.02
0.850 100.00 157.85
0.900 100.00 162.12
0.950 94.01 158.29
1.000 100.00 159.67
1.050 88.89 161.62
1.100 98.49 170.14
1.150 100.00 178.17
1.200 100.00 182.47
1.250 100.00 183.44
1.300 94.51 185.01
1.350 100.00 188.03
1.400 100.00 187.77
1.450 96.10 187.41
1.500 99.82 182.84
1.550 95.29 172.92
1.600 95.41 171.65
1.650 100.00 162.26
1.700 86.10 168.39
1.750 100.00 174.42
1.800 94.38 177.58
1.850 93.36 181.21
1.900 94.80 180.68
1.950 100.00 184.79
2.000 90.74 96.64
2.050 0.00 8.46
END
$engine1 << END
0.000 0.00 NaN
0.050 0.00 NaN
0.100 35.62 NaN
0.150 89.14 203.65
0.200 100.00 196.29
0.250 96.17 192.46
0.300 99.56 190.69
0.350 83.86 189.50
0.400 100.00 190.78
0.450 93.69 190.21
0.500 94.88 189.30
0.550 100.00 190.24
0.600 93.41 190.01
0.650 98.80 189.70
0.700 100.00 189.47
0.750 86.03 190.16
0.800 100.00 188.97
0.850 100.00 190.15
0.900 100.00 190.16
0.950 94.00 189.95
1.000 100.00 188.18
1.050 88.89 187.83
1.100 98.49 189.09
1.150 100.00 190.64
1.200 100.00 190.54
1.250 100.00 188.85
1.300 94.51 188.46
1.350 100.00 190.20
1.400 100.00 189.31
1.450 96.10 189.03
1.500 99.82 190.00
1.550 95.29 189.05
1.600 95.41 190.01
1.650 100.00 188.95
1.700 86.10 189.75
1.750 100.00 189.38
1.800 94.38 188.81
1.850 93.36 189.38
1.900 94.80 189.02
1.950 100.00 189.73
2.000 90.74 94.66
2.050 0.00 8.83
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
2.050 0.00 NaN
END
set arrow from 0.120, graph 0 to 0.120, graph 1 nohead dashtype 3
set arrow from 0.120, graph 0 to 0.120, graph 1 nohead dashtype 3
set arrow from 1.921, graph 0 to 1.921, graph 1 nohead dashtype 3
set multiplot layout 2,1 title "DMA engines (dashed: moves of threads)\n"
set xrange [0:3.088]
set ylabel 'utilisation %'
set yrange [0:105]
plot $engine0 using 1:2 with lines linewidth 2 title "dma_engine_sim.0", $engine1 using 1:2 with lines linewidth 2 title "dma_engine_sim.1", $engine2 using 1:2 with lines linewidth 2 title "dma_engine_sim.2"
unset key
set xlabel 'seconds from the start of the recording'
set ylabel 'forecast %'
set yrange [0:250]
plot $engine0 using 1:3 with lines linewidth 2 title "dma_engine_sim.0", $engine1 using 1:3 with lines linewidth 2 title "dma_engine_sim.1", keyentry with lines linewidth 2 title "dma_engine_sim.2"
unset multiplot

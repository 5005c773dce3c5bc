set terminal svg noenhanced size 1200,840 background 'white'
set output "plot.svg"
set grid
set key above
set lmargin 10
set datafile missing NaN
$engine0 << END
0.000 35.67 NaN
0.050 96.87 123.21
0.100 100.00 62.19
0.150 89.14 83.32
0.200 100.00 88.72
0.250 96.18 94.85
0.300 99.56 105.88
0.350 83.86 105.07
0.400 100.00 107.19
0.450 93.69 108.01
0.500 94.88 113.29
0.550 100.00 124.34
0.600 93.41 126.76
0.650 98.80 132.92
0.700 100.00 138.28
0.750 86.03 145.47
0.800 100.00 152.04
0.850 100.00 157.87
0.900 100.00 162.12
0.950 94.01 158.29
1.000 100.00 159.67
1.050 88.89 161.59
1.100 98.49 170.13
1.150 100.00 178.16
1.200 100.00 180.41
1.250 100.00 184.00
1.300 94.51 185.44
1.350 100.00 188.37
1.400 100.00 188.03
1.450 96.10 187.60
1.500 99.82 182.98
1.550 95.29 173.02
1.600 95.41 177.29
1.650 100.00 161.59
1.700 86.09 162.91
1.750 100.00 170.23
1.800 93.42 175.95
1.850 96.08 178.47
1.900 93.05 170.69
1.950 100.00 165.36
2.000 90.74 72.93
END
$engine1 << END
0.000 0.00 NaN
0.050 0.00 NaN
0.100 20.90 NaN
0.150 86.12 192.05
0.200 100.00 175.89
0.250 96.18 170.04
0.300 99.56 167.43
0.350 83.86 165.41
0.400 100.00 166.23
0.450 93.69 165.64
0.500 94.88 164.50
0.550 100.00 165.07
0.600 93.41 165.10
0.650 98.80 164.74
0.700 100.00 164.33
0.750 86.03 165.22
0.800 100.00 165.02
0.850 100.00 165.73
0.900 100.00 165.68
0.950 94.01 165.02
1.000 100.00 165.04
1.050 88.89 164.85
1.100 98.49 165.90
1.150 100.00 167.90
1.200 100.00 168.51
1.250 100.00 166.77
1.300 94.51 166.57
1.350 100.00 168.34
1.400 100.00 167.62
1.450 96.10 167.09
1.500 99.82 168.13
1.550 95.29 167.30
1.600 95.41 168.11
1.650 100.00 167.10
1.700 86.09 168.43
1.750 100.00 167.93
1.800 93.42 169.33
1.850 96.08 167.69
1.900 93.05 168.06
1.950 100.00 168.32
2.000 90.74 8.93
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
set arrow from 0.128, graph 0 to 0.128, graph 1 nohead dashtype 3
set arrow from 0.128, graph 0 to 0.128, graph 1 nohead dashtype 3
set multiplot layout 2,1 title "DMA engines (dashed: moves of threads)\n"
set xrange [0:2.318]
set ylabel 'utilisation %'
set yrange [0:105]
plot $engine0 using 1:2 with lines linewidth 2 title "dma_engine_sim.0", $engine1 using 1:2 with lines linewidth 2 title "dma_engine_sim.1", $engine2 using 1:2 with lines linewidth 2 title "dma_engine_sim.2"
unset key
set xlabel 'seconds from the start of the recording'
set ylabel 'forecast %'
set yrange [0:200]
plot $engine0 using 1:3 with lines linewidth 2 title "dma_engine_sim.0", $engine1 using 1:3 with lines linewidth 2 title "dma_engine_sim.1", keyentry with lines linewidth 2 title "dma_engine_sim.2"
unset multiplot

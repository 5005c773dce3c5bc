# SPDX-License-Identifier: GPL-2.0
#
# Two PNGs of bars, a group a scenario: gnuplot -e "out='FOLDER'; kernel='6.12'; names='absent manage'; drawable=1" bench.gp
set terminal pngcairo noenhanced size 1500,700 font "sans,12" background "white"
set datafile missing "-"
set style data histograms
set style histogram clustered gap 1.5
set style fill solid 0.9 noborder
set border 3
set tics nomirror out
set grid ytics lc rgb "#e0e0e0" lt 1
set xtics rotate by 20 right
set key outside top center horizontal Left reverse samplen 1.5
set bmargin 6
set boxwidth 0.9

known = "absent monitor horizon0 manage pinned alone numa_balancing numad irqbalance"
colours = "#9a9a9a #c8b560 #e08a3c #1f5fa8 #4fa36b #8a6fb3 #d9534f #5fc4c8 #c77fb0"
colour(name) = word(colours, sum [i = 1:words(known)] (word(known, i) eq name ? i : 0))
throughput = out."/throughput-".kernel
p99 = out."/p99-".kernel

if (drawable) {
set output throughput.".png"
set title "Throughput against the best placement by hand, Linux ".kernel font ",15"
set ylabel "times that of pinned"
set yrange [0:*]
set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead lc rgb "#555555" dt 2 front
plot for [i = 2:words(names) + 1] throughput.".data" using i:xtic(1) lc rgb colour(word(names, i - 1)) title columnheader(i)
}

set output p99.".png"
set title "99 of 100 copies, writes or reads took no longer (the worst thread), Linux ".kernel font ",15"
set ylabel "ms"
unset arrow 1
set yrange [0.01:*]
set logscale y
plot for [i = 2:words(names) + 1] p99.".data" using i:xtic(1) lc rgb colour(word(names, i - 1)) title columnheader(i)

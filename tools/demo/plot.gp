# SPDX-License-Identifier: GPL-2.0
#
# One PNG: what the engines did in a part of the demo, above with MODE off, below with
# manage. gnuplot -e "data='FOLDER/PART'; png='FILE'" plot.gp

set terminal pngcairo noenhanced size 1200,950 font "sans,13" background "white"
set output png

# heading, off_title, manage_title, end (seconds): by report.awk
load data.'.labels'

# What is drawn first is wider, so that it is seen under the other.
set style line 1 lc rgb "#d9534f" lw 7		# engine 0
set style line 2 lc rgb "#1f5fa8" lw 2.5	# engine 1
set style line 3 lc rgb "#e08a3c" lw 1.8 dt (10,4)	# its forecast
set style line 4 lc rgb "#5fa8d8" lw 1.8 dt (4,4)
set style line 5 lc rgb "#1e8449" lw 2		# a move
set style line 6 lc rgb "#666666" lw 1.5 dt 3	# a change of MODE

top = 165
set xrange [0:end]
set yrange [0:top]
set ytics 0,25,150
set grid ytics lc rgb "#e4e4e4" lt 1
set border 3
set tics nomirror out
set ylabel "% of the engine's capacity"
set key off

# What is said about moves goes from the top down, one below the other.
at_move(n) = top - 9 * n

set multiplot title heading font ",17"
set lmargin 9
set rmargin 3

set size 1,0.42
set origin 0,0.53
set title off_title font ",14"
plot data.'.off.busy' using 1:2 with lines ls 1, \
     ''               using 1:3 with lines ls 2

set size 1,0.54
set origin 0,0
set title manage_title font ",14"
set xlabel "seconds" offset 0,0.6
set bmargin 6.5
set key at screen 0.5,0.005 bottom center horizontal Left reverse samplen 3 maxcols 3 width 2
plot data.'.manage.busy' using 1:2 with lines ls 1 title "engine 0 (node 0) busy", \
     ''                  using 1:3 with lines ls 2 title "engine 1 (node 1) busy", \
     data.'.manage.moves' using 1:(top) with impulses ls 5 title "a thread is moved", \
     data.'.manage.forecast0' using 1:2 with lines ls 3 title "engine 0: load forecast", \
     data.'.manage.forecast1' using 1:2 with lines ls 4 title "engine 1: load forecast", \
     data.'.manage.modes' using 1:(top) with impulses ls 6 title "MODE is set", \
     ''                   using 1:(3):2 with labels left rotate by 90 offset -0.7,0 font ",11" tc rgb "#555555" notitle, \
     data.'.manage.moves' using 1:(at_move($2)):3 with labels left offset 0.6,0 tc rgb "#1e8449" notitle
unset multiplot

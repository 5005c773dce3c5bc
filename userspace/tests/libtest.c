// SPDX-License-Identifier: GPL-2.0
/*
 * libdmaaff against trees that are made here. pread() and read() are wrapped at
 * link time: they answer what a plain file system cannot.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dmaaff.h"

#define ROW 96

static char tree[64];
static int tests, failures, failed_checks;

/* What the wrapped calls do; all off between tests. */
static struct {
	int changes_left;	/* first rows that show another generation than before */
	unsigned int generation;
	int header_reads;
	size_t most;		/* bytes a pread() gives at most, 0 for no bound */
	int interruptions_left;	/* pread()s that end with EINTR */
	const char *nodata;	/* text of a file whose read() ends with ENODATA */
} fake;

ssize_t __real_pread(int fd, void *buf, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *buf, size_t size, off_t offset);
ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __wrap_read(int fd, void *buf, size_t size);

ssize_t __wrap_pread(int fd, void *buf, size_t size, off_t offset)
{
	char digits[8];
	ssize_t got;

	if (fake.interruptions_left) {
		fake.interruptions_left--;
		errno = EINTR;
		return -1;
	}
	if (fake.most && size > fake.most)
		size = fake.most;
	got = __real_pread(fd, buf, size, offset);
	if (!offset && got > 20 && !memcmp(buf, "generation ", 11)) {
		fake.header_reads++;
		if (fake.changes_left) {
			fake.changes_left--;
			fake.generation++;
		}
		snprintf(digits, sizeof(digits), "%05u", fake.generation % 100000);
		memcpy((char *)buf + 11, digits, 5);
	}
	return got;
}

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	ssize_t got = __real_read(fd, buf, size);

	if (fake.nodata && got > 0 && !strncmp(buf, fake.nodata, strlen(fake.nodata))) {
		errno = ENODATA;
		return -1;
	}
	return got;
}

#define check(condition) check_that(condition, #condition, __LINE__)

static void check_that(bool holds, const char *condition, int line)
{
	if (holds)
		return;
	printf("# libtest.c:%d: not so: %s\n", line, condition);
	failed_checks++;
}

static void check_text(const char *got, const char *expected)
{
	if (got && !strcmp(got, expected))
		return;
	printf("# '%s' instead of '%s'\n", got ? got : "(null)", expected);
	failed_checks++;
}

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void make_folder(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", tree, name);
	if (mkdir(path, 0755) && errno != EEXIST)
		die(path);
}

__attribute__((format(printf, 2, 3)))
static void make_file(const char *name, const char *format, ...)
{
	char path[512];
	va_list args;
	FILE *file;

	snprintf(path, sizeof(path), "%s/kernel/dma_affinity/%s", tree, name);
	file = fopen(path, "w");
	if (!file)
		die(path);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	if (fclose(file))
		die(path);
}

/* @row_at fills in a row, or leaves it blank. */
static void make_table(const char *name, int rows, void (*row_at)(int index, char *row))
{
	char *text = malloc((size_t)(rows + 1) * ROW + 1);
	char row[ROW];
	int i;

	if (!text)
		die(name);
	snprintf(row, sizeof(row), "generation 00000 rows %d", rows);
	sprintf(text, "%-*s\n", ROW - 1, row);
	for (i = 0; i < rows; i++) {
		row[0] = '\0';
		row_at(i, row);
		sprintf(text + (size_t)(i + 1) * ROW, "%-*s\n", ROW - 1, row);
	}
	make_file(name, "%s", text);
	free(text);
}

static void remove_tree(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", tree);
	if (system(command))
		die("rm");
}

static void empty_tree(void)
{
	remove_tree();
	make_folder("");
	make_folder("kernel");
	make_folder("kernel/dma_affinity");
	make_folder("kernel/dma_affinity/engines");
	make_folder("kernel/dma_affinity/stats");
}

static struct dmaaff *open_tree(void)
{
	struct dmaaff *dmaaff = dmaaff_open(tree);

	if (!dmaaff)
		die("dmaaff_open");
	return dmaaff;
}

static struct dmaaff_u64 known(uint64_t value)
{
	return (struct dmaaff_u64){ value, true };
}

/* An engine at 1 s and what it was at 2 s: 40 % busy, 1.5 in flight, 3 ms each. */
static struct dmaaff_engine then_now[2];
static struct dmaaff_snapshot before = { .nr_engines = 1, .engines = &then_now[0] };

static struct dmaaff_rate rate(void)
{
	return dmaaff_rate(&before, &then_now[1]);
}

static void make_rate(void)
{
	static char name[] = "engine";

	then_now[0] = (struct dmaaff_engine){
		.name = name, .id = 1, .time_ns = 1000000000,
		.bytes = known(1000), .ops = known(10), .busy_ns = known(700000000),
		.depth_ns = known(900000000),
	};
	then_now[1] = (struct dmaaff_engine){
		.name = name, .id = 1, .time_ns = 2000000000,
		.bytes = known(501000), .ops = known(510), .busy_ns = known(1100000000),
		.depth_ns = known(2400000000),
		.utilisation_pct = { 12.5, true }, .depth = { 2.25, true },
		.latency_ns = known(777),
	};
}

static bool is(struct dmaaff_real number, double value)
{
	double off = number.value - value;

	return number.known && off < 1e-6 && off > -1e-6;
}

static bool is_last_second(struct dmaaff_rate r)
{
	return r.seconds == 0 && is(r.utilisation_pct, 12.5) && is(r.depth, 2.25) &&
	       is(r.latency_ns, 777) && !r.bytes_per_s.known && !r.ops_per_s.known;
}

static void rates_are_of_the_interval(void)
{
	make_rate();
	check(is(rate().utilisation_pct, 40));
	check(is(rate().depth, 1.5));
	check(is(rate().latency_ns, 3000000));
	check(is(rate().bytes_per_s, 500000));
	check(is(rate().ops_per_s, 500));
	then_now[1].time_ns = 3000000000;
	check(is(rate().utilisation_pct, 20));
	check(is(rate().depth, 0.75));
	check(is(rate().latency_ns, 3000000));
	check(is(rate().bytes_per_s, 250000));
	check(rate().seconds == 2);
}

static void utilisation_ends_at_100(void)
{
	make_rate();
	then_now[1].busy_ns = known(1710000000);
	check(is(rate().utilisation_pct, 100));
}

static void latency_of_nothing_is_unknown(void)
{
	make_rate();
	then_now[1].ops = then_now[0].ops;
	check(!rate().latency_ns.known);
	check(is(rate().ops_per_s, 0));
}

static void new_engine_shows_the_last_second(void)
{
	make_rate();
	check(is_last_second(dmaaff_rate(NULL, &then_now[1])));
	before.nr_engines = 0;
	check(is_last_second(rate()));
	before.nr_engines = 1;
}

static void replaced_engine_shows_the_last_second(void)
{
	make_rate();
	then_now[1].id = 2;
	check(is_last_second(rate()));
}

static void counters_that_went_back_show_the_last_second(void)
{
	make_rate();
	then_now[1].ops = known(9);
	check(is_last_second(rate()));
	make_rate();
	then_now[1].depth_ns = known(0);
	check(is_last_second(rate()));
}

static void unknown_counters_make_unknown_rates(void)
{
	make_rate();
	then_now[0].bytes.known = false;
	then_now[1].depth_ns.known = false;
	check(!rate().bytes_per_s.known);
	check(is(rate().depth, 2.25));
	check(is(rate().latency_ns, 777));
	check(is(rate().utilisation_pct, 40));
}

static void delta_is_unknown_backwards(void)
{
	check(dmaaff_delta(known(3), known(7)).value == 4);
	check(dmaaff_delta(known(0), known(UINT64_MAX)).value == UINT64_MAX);
	check(!dmaaff_delta(known(7), known(3)).known);
	check(!dmaaff_delta((struct dmaaff_u64){ 0 }, known(3)).known);
}

static void mask_is(const char *mask, const char *list)
{
	char *got = dmaaff_mask_to_list(mask);

	check_text(got, list);
	free(got);
}

static void masks_become_lists(void)
{
	static const char *const no_masks[] = { "", "x", "1 ", "0x1", "f,", "-" };
	size_t i;

	mask_is("0", "");
	mask_is("1", "0");
	mask_is("f", "0-3");
	mask_is("a5", "0,2,5,7");
	mask_is("80000000", "31");
	mask_is("ff,00000003", "0-1,32-39");
	mask_is("00000001,80000000", "31-32");
	mask_is("FFFFFFFF,ffffffff,ffffffff", "0-95");
	for (i = 0; i < sizeof(no_masks) / sizeof(no_masks[0]); i++) {
		errno = 0;
		check(!dmaaff_mask_to_list(no_masks[i]) && errno == EINVAL);
	}
}

static void move_row(int index, char *row)
{
	if (index % 3)
		sprintf(row, "%d000 %d a b 10.00 -2.50 failure", index, index);
}

static void tables_are_read_beyond_a_page(void)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_history *history;

	make_table("history", 3000, move_row);
	/* As sysfs does: a page at a time, which cuts rows. */
	fake.most = 4096;
	fake.interruptions_left = 3;
	history = dmaaff_history_read(dmaaff);
	check(history && history->nr == 2000 && !history->torn && !history->skipped);
	if (history) {
		check(history->moves[1999].tid == 2999);
		check(history->moves[1999].time_ns == 2999000);
		check_text(history->moves[0].from, "a");
		check_text(history->moves[1999].result, "failure");
		check(is(history->moves[7].achieved_pct, -2.5));
	}
	dmaaff_history_free(history);
	dmaaff_close(dmaaff);
}

static void changed_table_is_read_again(void)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_history *history;

	make_table("history", 3, move_row);
	/* The first row changes up to the third look: the end of the first attempt and
	 * the start of the second.
	 */
	fake.changes_left = 3;
	history = dmaaff_history_read(dmaaff);
	check(history && !history->torn && history->nr == 2 && history->generation == 3);
	check(fake.header_reads == 4);
	dmaaff_history_free(history);
	dmaaff_close(dmaaff);
}

static void table_that_keeps_changing_is_torn(void)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_history *history;

	make_table("history", 3, move_row);
	fake.changes_left = 1000;
	history = dmaaff_history_read(dmaaff);
	check(history && history->torn && history->nr == 2);
	check(fake.header_reads == 6);
	dmaaff_history_free(history);
	dmaaff_close(dmaaff);
}

static void thread_row(int index, char *row)
{
	static const char *const rows[] = {
		"12 345 engine.1 6789 1000 - cooling 00000000,0000000c f",
		"12 345 - - - - free ? 1",
		"",
		"x 345 - 0 - - free 1 1",
		"4294967296 345 - 0 - - free 1 1",
		"12 345 - 0 - - free 1",
	};

	strcpy(row, rows[index]);
}

static void rows_of_threads_are_understood_or_counted(void)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_threads *threads;

	make_table("threads", 6, thread_row);
	threads = dmaaff_threads_read(dmaaff);
	check(threads && threads->nr == 2 && threads->skipped == 3);
	if (threads && threads->nr == 2) {
		struct dmaaff_thread *thread = threads->threads;

		check(thread->tid == 12 && thread->start_ns == 345);
		check_text(thread->engine, "engine.1");
		check(thread->bytes.value == 6789 && thread->demand_bytes_per_s.value == 1000);
		check(!thread->predicted_bytes_per_s.known);
		check_text(thread->state, "cooling");
		check_text(thread->cpus, "2-3");
		check_text(thread->origin_cpus, "0-3");
		check(!thread[1].engine && !thread[1].bytes.known && !thread[1].cpus);
	}
	dmaaff_threads_free(threads);
	dmaaff_close(dmaaff);
}

static void what_is_no_table_is_refused(void)
{
	static const char *const texts[] = {
		"", "\n", "something", "generation 1 rows 1", "generation x rows 1\n",
		"generation 1 rows 1 \n1 2\n", "generation 1 rows 1 \nlonger than the first row\n",
	};
	struct dmaaff *dmaaff = open_tree();
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		make_file("history", "%s", texts[i]);
		errno = 0;
		check(!dmaaff_history_read(dmaaff));
		check(errno == EBADMSG);
	}
	dmaaff_close(dmaaff);
}

static void first_row_without_end_is_refused(void)
{
	struct dmaaff *dmaaff = open_tree();

	make_file("threads", "generation 1 rows 1%*s\n", 100000, "");
	errno = 0;
	check(!dmaaff_threads_read(dmaaff) && errno == EBADMSG);
	dmaaff_close(dmaaff);
}

static void enodata_is_unknown(void)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_snapshot *snapshot;

	make_folder("kernel/dma_affinity/engines/a");
	make_file("engines/a/latency_ns", "4711\n");
	make_file("engines/a/depth", "4711.00\n");
	make_file("engines/a/cpus", "4711\n");
	make_file("engines/a/bytes", "1\n");
	fake.nodata = "4711";
	snapshot = dmaaff_snapshot_read(dmaaff);
	check(snapshot && snapshot->nr_engines == 1);
	if (snapshot && snapshot->nr_engines) {
		check(!snapshot->engines[0].latency_ns.known);
		check(!snapshot->engines[0].depth.known);
		check(!snapshot->engines[0].cpus);
		check(snapshot->engines[0].bytes.known);
	}
	dmaaff_snapshot_free(snapshot);
	dmaaff_close(dmaaff);
}

static void utilisation_from(const char *text, bool is_known, double value)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_snapshot *snapshot;

	make_folder("kernel/dma_affinity/engines/a");
	make_file("engines/a/utilisation", "%s", text);
	snapshot = dmaaff_snapshot_read(dmaaff);
	if (!snapshot || !snapshot->nr_engines)
		die("dmaaff_snapshot_read");
	if (is_known != snapshot->engines[0].utilisation_pct.known) {
		printf("# wrong about '%s'\n", text);
		failed_checks++;
	}
	if (is_known)
		check(is(snapshot->engines[0].utilisation_pct, value));
	dmaaff_snapshot_free(snapshot);
	dmaaff_close(dmaaff);
}

static void only_plain_numbers_are_numbers(void)
{
	static const char *const others[] = {
		"", "\n", "nan\n", "inf\n", "1e3\n", "0x10\n", "+1\n", " 1\n", "1 \n", "1.\n",
		".5\n", "1,5\n", "--1\n", "-\n", "12.34.56\n",
	};
	size_t i;

	utilisation_from("0.00\n", true, 0);
	utilisation_from("98.12\n", true, 98.12);
	utilisation_from("-0.50\n", true, -0.5);
	utilisation_from("7", true, 7);
	utilisation_from("1.0000000000000000000000000000001\n", true, 1);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		utilisation_from(others[i], false, 0);
}

static void number_too_large_is_unknown(void)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_snapshot *snapshot;

	make_file("stats/ticks", "18446744073709551615\n");
	make_file("stats/moves", "18446744073709551616\n");
	snapshot = dmaaff_snapshot_read(dmaaff);
	check(snapshot && snapshot->stats.ticks.value == UINT64_MAX);
	check(snapshot && !snapshot->stats.moves.known);
	dmaaff_snapshot_free(snapshot);
	dmaaff_close(dmaaff);
}

static void engines_are_ordered_by_number(void)
{
	static const char *const names[] = { "a", "sim.2", "sim.10" };
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_snapshot *snapshot;
	size_t i;

	make_folder("kernel/dma_affinity/engines/sim.10");
	make_folder("kernel/dma_affinity/engines/sim.2");
	make_folder("kernel/dma_affinity/engines/a");
	make_file("engines/no_folder", "1\n");
	snapshot = dmaaff_snapshot_read(dmaaff);
	check(snapshot && snapshot->nr_engines == 3);
	for (i = 0; snapshot && i < snapshot->nr_engines && i < 3; i++)
		check_text(snapshot->engines[i].name, names[i]);
	dmaaff_snapshot_free(snapshot);
	dmaaff_close(dmaaff);
}

/* libsysfs would cut the path off and read another file. */
static void engine_with_a_path_too_long_is_left_out(void)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_snapshot *snapshot;
	char name[300] = "kernel/dma_affinity/engines/";

	memset(name + strlen(name), 'x', 250);
	make_folder(name);
	make_folder("kernel/dma_affinity/engines/a");
	snapshot = dmaaff_snapshot_read(dmaaff);
	check(snapshot && snapshot->nr_engines == 1);
	dmaaff_snapshot_free(snapshot);
	dmaaff_close(dmaaff);
}

static void tunables_are_what_is_upper_case(void)
{
	struct dmaaff *dmaaff = open_tree();
	struct dmaaff_tunables *tunables;

	make_file("MODE", "manage\n");
	make_file("DMA_WEIGHT_LATENCY", "0.5000\n");
	make_file("threads", "generation 0 rows 0\n");
	tunables = dmaaff_tunables_read(dmaaff);
	check(tunables && tunables->nr == 2);
	if (tunables && tunables->nr == 2) {
		check_text(tunables->tunables[0].name, "DMA_WEIGHT_LATENCY");
		check_text(tunables->tunables[0].value, "0.5000");
		check_text(tunables->tunables[1].value, "manage");
	}
	dmaaff_tunables_free(tunables);
	dmaaff_close(dmaaff);
}

static void open_says_why_not(void)
{
	char name[400];

	errno = 0;
	check(!dmaaff_open("/nowhere") && errno == ENOENT);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	check(!dmaaff_open(name) && errno == ENAMETOOLONG);
}

static void run(void (*test)(void), const char *name)
{
	char words[80];
	char *c;

	snprintf(words, sizeof(words), "%s", name);
	while ((c = strchr(words, '_')))
		*c = ' ';
	memset(&fake, 0, sizeof(fake));
	failed_checks = 0;
	empty_tree();
	test();
	printf("%sok %d - %s\n", failed_checks ? "not " : "", ++tests, words);
	failures += !!failed_checks;
}

#define RUN(test) run(test, #test)

int main(void)
{
	snprintf(tree, sizeof(tree), "/tmp/libtest-XXXXXX");
	if (!mkdtemp(tree))
		die(tree);
	RUN(rates_are_of_the_interval);
	RUN(utilisation_ends_at_100);
	RUN(latency_of_nothing_is_unknown);
	RUN(new_engine_shows_the_last_second);
	RUN(replaced_engine_shows_the_last_second);
	RUN(counters_that_went_back_show_the_last_second);
	RUN(unknown_counters_make_unknown_rates);
	RUN(delta_is_unknown_backwards);
	RUN(masks_become_lists);
	RUN(tables_are_read_beyond_a_page);
	RUN(changed_table_is_read_again);
	RUN(table_that_keeps_changing_is_torn);
	RUN(rows_of_threads_are_understood_or_counted);
	RUN(what_is_no_table_is_refused);
	RUN(first_row_without_end_is_refused);
	RUN(enodata_is_unknown);
	RUN(only_plain_numbers_are_numbers);
	RUN(number_too_large_is_unknown);
	RUN(engines_are_ordered_by_number);
	RUN(engine_with_a_path_too_long_is_left_out);
	RUN(tunables_are_what_is_upper_case);
	RUN(open_says_why_not);
	printf("1..%d\n", tests);
	remove_tree();
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

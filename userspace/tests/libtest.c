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

#include "check.h"
#include "dmaaff.h"

#define ROW 96

static char tree[64];

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
		char digits[8];

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

	snprintf(row, ROW, "%s", rows[index]);
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
		NULL,
	};
	struct dmaaff *dmaaff = open_tree();
	size_t i;

	for (i = 0; texts[i]; i++) {
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
		".5\n", "1,5\n", "--1\n", "-\n", "12.34.56\n", NULL,
	};
	size_t i;

	utilisation_from("0.00\n", true, 0);
	utilisation_from("98.12\n", true, 98.12);
	utilisation_from("-0.50\n", true, -0.5);
	utilisation_from("7", true, 7);
	utilisation_from("1.0000000000000000000000000000001\n", true, 1);
	for (i = 0; others[i]; i++)
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

static void fresh_tree(void)
{
	memset(&fake, 0, sizeof(fake));
	empty_tree();
}

#define ON_TREE(test) do { fresh_tree(); RUN(test); } while (0)

int main(void)
{
	snprintf(tree, sizeof(tree), "/tmp/libtest-XXXXXX");
	if (!mkdtemp(tree))
		die(tree);
	ON_TREE(tables_are_read_beyond_a_page);
	ON_TREE(changed_table_is_read_again);
	ON_TREE(table_that_keeps_changing_is_torn);
	ON_TREE(rows_of_threads_are_understood_or_counted);
	ON_TREE(what_is_no_table_is_refused);
	ON_TREE(first_row_without_end_is_refused);
	ON_TREE(enodata_is_unknown);
	ON_TREE(only_plain_numbers_are_numbers);
	ON_TREE(number_too_large_is_unknown);
	ON_TREE(engines_are_ordered_by_number);
	ON_TREE(engine_with_a_path_too_long_is_left_out);
	ON_TREE(tunables_are_what_is_upper_case);
	ON_TREE(open_says_why_not);
	printf("1..%d\n", tests);
	remove_tree();
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

// SPDX-License-Identifier: GPL-2.0
/* Scenario files: what is read of them, and what is said of bad ones. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "routes.h"

#define MACHINE								\
	"duration 2\nnode 0 cpus 0-3\nnode 1 cpus 4,6\n"		\
	"engine a node 0 bps 1000000 latency_ns 10 caps memcpy,xor\n"	\
	"engine b node 1 bps 2G latency_ns 0 caps memcpy pq\n"
#define THREAD	"thread t start a size 4096 depth 2 demand "

static struct scenario s;
static char path[64], said[512];

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Reads @text as a file; what is said on stderr meanwhile lands in said[] */
static bool reads(const char *text)
{
	char log[80];
	int saved, to;
	ssize_t n;
	bool good;

	snprintf(path, sizeof(path), "/tmp/scenario-test.%d", getpid());
	snprintf(log, sizeof(log), "%s.log", path);
	put(path, text);
	fflush(stderr);
	saved = dup(2);
	to = open(log, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(saved >= 0 && to >= 0);
	dup2(to, 2);
	good = scenario_read(&s, path);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	n = pread(to, said, sizeof(said) - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	close(to);
	unlink(log);
	unlink(path);
	return good;
}

static int tidy(void **state)
{
	(void)state;
	scenario_free(&s);
	return 0;
}

static void wrong(const char *text, unsigned int line, const char *what)
{
	char start[96];

	assert_false(reads(text));
	snprintf(start, sizeof(start), "%s:%u: ", path, line);
	if (strncmp(said, start, strlen(start)) || !strstr(said, what))
		fail_msg("said '%s', wanted '%s...%s'", said, start, what);
}

static void bursts_are_high_or_low_and_at_least_so_long(void **state)
{
	const struct scenario_thread *t = &s.threads[0];
	u32 i, run = 0, runs = 0;

	(void)state;
	assert_true(reads(MACHINE THREAD "bursts 1M 2M 0.05 0.05 7\n"));
	assert_int_equal(t->n_series, 201);
	for (i = 0; i < t->n_series; i++) {
		assert_true(t->series_bps[i] == 1e6 || t->series_bps[i] == 2e6);
		if (i && t->series_bps[i] != t->series_bps[i - 1]) {
			assert_true(run >= 5);
			run = 0;
			runs++;
		}
		run++;
	}
	assert_in_range(runs, 4, 40);
}

static void machine_is_read(void **state)
{
	(void)state;
	assert_true(reads("# what\n\n" MACHINE THREAD "closed # yes\n"));
	assert_int_equal(s.duration_ns, 2000000000ULL);
	assert_int_equal(s.n_engines, 2);
	assert_int_equal(s.n_nodes, 2);
	assert_int_equal(s.cpu_node[3], 0);
	assert_int_equal(s.cpu_node[5], -1);
	assert_int_equal(s.cpu_node[6], 1);
	assert_string_equal(s.engines[0].name, "a");
	assert_int_equal(s.engines[0].caps, 5);
	assert_int_equal(s.engines[0].latency_ns, 10);
	assert_int_equal(s.engines[1].bps, 2000000000ULL);
	assert_int_equal(s.engines[1].node, 1);
	assert_int_equal(s.engines[1].caps, 1 | 16);
}

static void thread_is_read(void **state)
{
	(void)state;
	assert_true(reads(MACHINE
			  "thread x start b size 64Ki depth 7 demand const 5M rt bound\n"));
	assert_int_equal(s.n_threads, 1);
	assert_int_equal(s.threads[0].start, 1);
	assert_int_equal(s.threads[0].size, 65536);
	assert_int_equal(s.threads[0].depth, 7);
	assert_int_equal(s.threads[0].demand, DEMAND_CONST);
	assert_true(s.threads[0].low_bps == 5e6);
	assert_true(s.threads[0].rt && s.threads[0].bound);
	assert_int_equal(s.threads[0].kinds, 1);
}

static void lines_may_come_in_any_order(void **state)
{
	(void)state;
	assert_true(reads(THREAD "closed\n" MACHINE));
	assert_int_equal(s.threads[0].start, 0);
}

static void square_is_read_with_and_without_jitter(void **state)
{
	(void)state;
	assert_true(reads(MACHINE THREAD "square 1 2 0.5 0.25 rt\n"));
	assert_int_equal(s.threads[0].period_ns, 500000000);
	assert_int_equal(s.threads[0].phase_ns, 250000000);
	assert_true(s.threads[0].jitter == 0 && s.threads[0].rt);
	tidy(NULL);
	assert_true(reads(MACHINE THREAD "square 1 2 0.5 0.25 0.03\n"));
	assert_true(s.threads[0].jitter == 0.03);
	tidy(NULL);
	assert_true(reads(MACHINE THREAD "square 1 2 0.5 0.25 3\n"));
	assert_true(s.threads[0].jitter == 0.03);
}

static void ramp_and_busy_are_read(void **state)
{
	(void)state;
	assert_true(reads(MACHINE THREAD "ramp 10 20\nbusy node 1 pct 80 from 0.5 to 1\n"));
	assert_true(s.threads[0].low_bps == 10 && s.threads[0].high_bps == 20);
	assert_int_equal(s.n_busy, 1);
	assert_int_equal(s.busy[0].node, 1);
	assert_true(s.busy[0].share == 0.8);
	assert_int_equal(s.busy[0].from_ns, 500000000);
	assert_int_equal(s.busy[0].to_ns, 1000000000);
}

static void file_is_read_as_shares_of_the_engine(void **state)
{
	char text[256], trace[80];

	(void)state;
	snprintf(trace, sizeof(trace), "/tmp/scenario-test.%d.trace", getpid());
	put(trace, "50\n120.5\n");
	snprintf(text, sizeof(text), "%s%sfile scenario-test.%d.trace\n", MACHINE, THREAD,
		 getpid());
	assert_true(reads(text));
	assert_int_equal(s.threads[0].n_series, 2);
	assert_true(s.threads[0].series_bps[0] == 500000);
	assert_true(s.threads[0].series_bps[1] == 1205000);
	put(trace, "50\nmuch\n");
	tidy(NULL);
	wrong(text, 6, "trace:2: not a percentage");
	unlink(trace);
}

static void bad_lines_are_named(void **state)
{
	(void)state;
	wrong(MACHINE "frob 1\n", 6, "'frob' is no item");
	wrong("duration soon\n", 1, "'soon' is not a number");
	wrong("duration -1\n", 1, "not from");
	wrong("duration 1 2\n", 1, "nothing more is expected");
	wrong("node 0 cpus 0-3\nnode 1 cpus 3\n", 2, "cpu 3 is on node 0");
	wrong("node 0 cpus x\n", 1, "not a list");
	wrong("node 0\n", 1, "'cpus' is missing");
	wrong("engine a node 0 bps 0 latency_ns 0 caps memcpy\n", 1, "bps");
	wrong("engine a node 0 latency_ns 0 caps memcpy\n", 1, "bps is missing");
	wrong("engine a node 0 bps 1G caps teleport\n", 1, "no kind of transfer");
	wrong(MACHINE "engine a node 0 bps 1G caps memcpy\n", 6, "there already");
	wrong(MACHINE THREAD "sometimes\n", 6, "'sometimes' is none of");
	wrong(MACHINE "thread t start a size 1 depth 1\n", 6, "demand is missing");
	wrong(MACHINE "thread t size 1 depth 1 demand closed\n", 6, "start is missing");
	wrong(MACHINE THREAD "closed\n" THREAD "closed\n", 7, "there already");
	wrong(MACHINE THREAD "file /nonexistent\n", 6, "No such file");
	wrong(MACHINE THREAD "bursts 1M 2M 0.005 1 1\n", 6, "shorter than 10 ms");
	wrong(MACHINE THREAD "bursts 1M 2M 0.05 1\n", 6, "seed");
	wrong(MACHINE THREAD "square 1 2 0 0\n", 6, "below 1 ms");
	wrong(MACHINE "busy node 0 pct 5 from 2 to 1\n", 6, "ends before");
	wrong(MACHINE "busy node 0 pct 500 from 1 to 2\n", 6, "pct");
}

static void names_that_do_not_exist_are_named(void **state)
{
	(void)state;
	wrong(MACHINE "thread t start z demand closed\n\n", 6, "no engine 'z'");
	wrong(MACHINE "engine c node 5 bps 1G caps memcpy\n\n", 6, "no node 5");
	wrong(MACHINE "busy node 5 pct 5 from 1 to 2\n\n", 6, "no node 5");
	wrong(MACHINE "thread t start b kind xor demand closed\n\n", 6, "cannot do");
}

static void empty_scenario_is_none(void **state)
{
	(void)state;
	wrong("", 0, "no node");
	wrong("duration 1\nnode 0 cpus 0\n", 2, "no engine");
	wrong("node 0 cpus 0\nengine a node 0 bps 1G\n", 2, "no duration");
}

static void each_cpu_takes_the_least_taken_engine_of_its_node(void **state)
{
	static struct sim_route routes[SCENARIO_KINDS][SCENARIO_ENGINES];

	(void)state;
	scenario_init(&s);
	scenario_cpus(&s, 0, 4);
	scenario_cpus(&s, 1, 2);
	scenario_engine(&s, 1000, 0);
	scenario_engine(&s, 1000, 0);
	scenario_engine(&s, 1000, 1);
	routes_find(&s, routes);
	assert_int_equal(routes[0][0].cpus, 2);
	assert_int_equal(routes[0][1].cpus, 2);
	assert_int_equal(routes[0][2].cpus, 2);
	assert_int_equal(routes[0][2].node, 1);
	assert_int_equal(routes[1][0].cpus, 0);
}

static void node_without_an_engine_is_served_from_elsewhere(void **state)
{
	static struct sim_route routes[SCENARIO_KINDS][SCENARIO_ENGINES];

	(void)state;
	scenario_init(&s);
	scenario_cpus(&s, 0, 2);
	scenario_cpus(&s, 1, 4);
	scenario_engine(&s, 1000, 0);
	routes_find(&s, routes);
	assert_int_equal(routes[0][0].cpus, 6);
	assert_int_equal(routes[0][0].node, 0);
	assert_int_equal(routes[0][0].on_node, 2);
}

#define test(name)	cmocka_unit_test_teardown(name, tidy)

int main(void)
{
	check_list(tests) = {
		test(machine_is_read),
		test(bursts_are_high_or_low_and_at_least_so_long),
		test(thread_is_read),
		test(lines_may_come_in_any_order),
		test(square_is_read_with_and_without_jitter),
		test(ramp_and_busy_are_read),
		test(file_is_read_as_shares_of_the_engine),
		test(bad_lines_are_named),
		test(names_that_do_not_exist_are_named),
		test(empty_scenario_is_none),
		test(each_cpu_takes_the_least_taken_engine_of_its_node),
		test(node_without_an_engine_is_served_from_elsewhere),
	};

	return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}

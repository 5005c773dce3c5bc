// SPDX-License-Identifier: GPL-2.0
/* Runs COMMAND as a shell would and carries its two streams to the host. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

enum { OUT, ERR, STREAMS };

#define CARRY_SIZE 65536

static const char * const port_names[STREAMS] = { "out", "err" };

static char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
static char *directory = "/";
static char *libraries;

void command_path(const char *argument)
{
	path = strdup(argument);
}

void command_directory(const char *argument)
{
	directory = strdup(argument);
}

void command_libraries(const char *argument)
{
	libraries = strdup(argument);
}

void command_read(struct command *command)
{
	size_t size, words = 0;
	char *text = read_file("/vm/argv", &size), *word;

	for (size_t i = 0; i < size; i++)
		words += !text[i];
	command->argv = calloc(words + 1, sizeof(*command->argv));
	if (!command->argv || !words)
		die("no command");
	word = text;
	for (size_t i = 0; i < words; i++) {
		command->argv[i] = word;
		word += strlen(word) + 1;
	}
}

static void become(const struct command *command, const int ends[STREAMS])
{
	int null = open("/dev/null", O_RDONLY);
	int error;

	dup2(null, STDIN_FILENO);
	dup2(ends[OUT], STDOUT_FILENO);
	dup2(ends[ERR], STDERR_FILENO);
	close(null);
	setsid();
	clearenv();
	setenv("PATH", path, 1);
	setenv("HOME", "/root", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("TERM", "dumb", 1);
	setenv("USER", "root", 1);
	if (libraries)
		setenv("LD_LIBRARY_PATH", libraries, 1);
	if (chdir(directory)) {
		fprintf(stderr, "%s: %s\n", directory, strerror(errno));
		_exit(126);
	}
	execvp(command->argv[0], command->argv);
	error = errno;
	fprintf(stderr, "%s: %s\n", command->argv[0],
		error == ENOENT ? "not found" : strerror(error));
	_exit(error == ENOENT ? 127 : 126);
}

/* Moves what a stream holds. Returns 0 once it has ended, or is empty for now. */
static int carry(int from, int port)
{
	static char bytes[CARRY_SIZE];
	ssize_t got = read(from, bytes, sizeof(bytes));

	if (got > 0)
		port_write(port, bytes, got);
	return got > 0 || (got < 0 && errno == EINTR);
}

static void carry_rest(int from, int port)
{
	int left = 0, got = 1;

	ioctl(from, FIONREAD, &left);
	for (; left > 0 && got; left -= CARRY_SIZE)
		got = carry(from, port);
}

/* Only to have ppoll() return. */
static void note_child(int signal)
{
	(void)signal;
}

/*
 * Carries until COMMAND has ended, and then what its streams still hold. What COMMAND
 * left running may keep them open: nobody waits for that.
 */
static int carry_until_end(pid_t child, const int pipes[STREAMS], const int ports[STREAMS])
{
	struct pollfd polls[STREAMS];
	sigset_t blocked, waiting;
	int status = 0, ended = 0;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &waiting);
	sigdelset(&waiting, SIGCHLD);
	for (int i = 0; i < STREAMS; i++)
		polls[i] = (struct pollfd){ .fd = pipes[i], .events = POLLIN };

	while (!ended) {
		pid_t pid;

		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid == child) {
				ended = 1;
				break;
			}
		}
		if (ended || ppoll(polls, STREAMS, NULL, &waiting) < 0)
			continue;
		for (int i = 0; i < STREAMS; i++) {
			if (polls[i].revents && !carry(pipes[i], ports[i]) &&
			    (polls[i].revents & POLLHUP))
				polls[i].fd = -1;
		}
	}
	for (int i = 0; i < STREAMS; i++)
		carry_rest(pipes[i], ports[i]);
	return status;
}

int command_run(const struct command *command)
{
	struct sigaction action = { .sa_handler = note_child };
	int pipes[STREAMS], ends[STREAMS], ports[STREAMS], status;
	pid_t child;

	for (int i = 0; i < STREAMS; i++) {
		int both[2];

		ports[i] = port_open(port_names[i]);
		if (pipe2(both, O_CLOEXEC) || fcntl(both[0], F_SETFL, O_NONBLOCK))
			die("cannot make a pipe: %s", strerror(errno));
		pipes[i] = both[0];
		ends[i] = both[1];
	}
	sigaction(SIGCHLD, &action, NULL);
	child = fork();
	if (child < 0)
		die("cannot fork: %s", strerror(errno));
	if (!child)
		become(command, ends);
	for (int i = 0; i < STREAMS; i++)
		close(ends[i]);
	status = carry_until_end(child, pipes, ports);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

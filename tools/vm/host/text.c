// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm.h"

void fail(int status, const char *format, ...)
{
	va_list args;

	fputs("vm: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

char *text(const char *format, ...)
{
	va_list args;
	char *made;
	int size;

	va_start(args, format);
	size = vasprintf(&made, format, args);
	va_end(args);
	if (size < 0)
		fail(STATUS_VM, "no memory");
	return made;
}

void words_add(struct words *words, const char *word)
{
	words->at = realloc(words->at, (words->count + 2) * sizeof(*words->at));
	if (!words->at)
		fail(STATUS_VM, "no memory");
	words->at[words->count++] = text("%s", word);
	words->at[words->count] = NULL;
}

struct words lines_of(char *const argv[])
{
	struct words lines = { 0 };
	char *line = NULL;
	size_t room = 0;
	int ends[2], status;
	pid_t pid;
	FILE *from;

	if (pipe(ends))
		fail(STATUS_VM, "cannot make a pipe: %m");
	pid = fork();
	if (pid < 0)
		fail(STATUS_VM, "cannot fork: %m");
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		execvp(argv[0], argv);
		printf("%s: %m: run tools/setup\n", argv[0]);
		fflush(stdout);
		_exit(127);
	}
	close(ends[1]);
	from = fdopen(ends[0], "r");
	if (!from)
		fail(STATUS_VM, "cannot read from %s: %m", argv[0]);
	while (getline(&line, &room, from) > 0) {
		line[strcspn(line, "\n")] = '\0';
		words_add(&lines, line);
	}
	free(line);
	fclose(from);
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		fail(STATUS_VM, "%s", lines.count ? lines.at[lines.count - 1] : argv[0]);
	return lines;
}

void run(char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fail(STATUS_VM, "cannot fork: %m");
	if (!pid) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %m: run tools/setup\n", argv[0]);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		fail(STATUS_VM, "%s failed: see above", argv[0]);
}

// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "output.h"

static int output = STDOUT_FILENO;
static const char *name = "stdout";

int output_open(const char *path)
{
	if (!path)
		return 0;
	output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (output < 0) {
		message("cannot write to %s: %s", path, strerror(errno));
		return -1;
	}
	name = path;
	return 0;
}

static int put_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t done = write(fd, text, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		text += done;
		size -= done;
	}
	return 0;
}

int output_put(const char *text, size_t size)
{
	if (!put_all(output, text, size))
		return 0;
	message("cannot write to %s: %s", name, strerror(errno));
	return -1;
}

int output_text(const char *text)
{
	return output_put(text, strlen(text)) ? EXIT_FAILURE : EXIT_SUCCESS;
}

size_t output_lines(void)
{
	struct winsize size;

	if (!isatty(output) || ioctl(output, TIOCGWINSZ, &size))
		return 0;
	return size.ws_row;
}

bool output_colour(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(output) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

int output_replace(const char *path, const char *text, size_t size)
{
	char *temporary;
	bool whole;
	int fd, err;

	/* Beside it, so that rename() can put it in its place; its name is no *.prom. */
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		message("no memory");
		return -1;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	whole = fd >= 0 && !fchmod(fd, 0644) && !put_all(fd, text, size);
	err = errno;
	if (fd >= 0 && close(fd) && whole) {
		whole = false;
		err = errno;
	}
	if (whole && !rename(temporary, path)) {
		free(temporary);
		return 0;
	}
	if (whole)
		err = errno;
	if (fd >= 0)
		unlink(temporary);
	message("cannot write to %s: %s", path, strerror(err));
	free(temporary);
	return -1;
}

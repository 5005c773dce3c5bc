// SPDX-License-Identifier: GPL-2.0
/*
 * Where a machine has but one serial port to spare, all of the guest's ports come over it,
 * in frames: the first letter of the port's name, four hexadecimal digits, so many bytes.
 * Before the first there is a mark, and before that whatever the driver tried the line with.
 * Here they are sorted into the files that other machines write themselves.
 */
#include <string.h>
#include <unistd.h>

#include "vm.h"

#define HEADER 5
/* As in guest/port.c. */
#define MARK "\nwire\n"

static const char * const names[] = { "status", "out", "err" };

#define PORTS (sizeof(names) / sizeof(*names))

static int wire = -1;
static int files[PORTS];
static off_t done;

void wire_open(const char *folder)
{
	wire = relay_file(folder, "wire");
	for (size_t i = 0; i < PORTS; i++)
		files[i] = relay_file(folder, names[i]);
}

/* True once the mark was found; it is among the first bytes. */
static bool find_mark(void)
{
	char head[256], *mark;
	ssize_t got = pread(wire, head, sizeof(head), 0);

	mark = got > 0 ? memmem(head, got, MARK, strlen(MARK)) : NULL;
	if (mark)
		done = mark - head + strlen(MARK);
	else if (got == sizeof(head))
		fail(STATUS_VM, "the guest's serial line is garbled: there is no mark");
	return mark;
}

static int file_of(char letter)
{
	for (size_t i = 0; i < PORTS; i++)
		if (*names[i] == letter)
			return files[i];
	fail(STATUS_VM, "the guest's serial line is garbled: '%c' is no port", letter);
}

/* Sorts one frame; false if there is none as yet, or not all of it. */
static bool sort_frame(void)
{
	char header[HEADER + 1] = "", bytes[0x10000];
	unsigned int size;
	int file;

	if (pread(wire, header, HEADER, done) < HEADER)
		return false;
	file = file_of(*header);
	if (sscanf(header + 1, "%4x", &size) != 1)
		fail(STATUS_VM, "the guest's serial line is garbled: '%s'", header);
	if (pread(wire, bytes, size, done + HEADER) < (ssize_t)size)
		return false;
	if (write(file, bytes, size) != (ssize_t)size)
		fail(STATUS_VM, "cannot write what the guest said: %m");
	done += HEADER + size;
	return true;
}

void wire_sort(void)
{
	if (wire < 0 || (!done && !find_mark()))
		return;
	while (sort_frame())
		;
}

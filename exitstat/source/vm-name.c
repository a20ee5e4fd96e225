// SPDX-License-Identifier: GPL-2.0-only
/* See source/vm-name.h.  Whoever starts a process chooses all of this. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "source/vm-name.h"

/* As much of a process's words as is looked at: -name comes early. */
#define MAX_WORDS	65536

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static void make_printable(char *name)
{
	for (; *name; name++) {
		if (!is_printable(*name))
			*name = '.';
	}
}

static FILE *open_file(const char *proc, uint32_t pid, const char *file)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%u/%s", proc, pid, file);

	return length < (int)sizeof(path) ? fopen(path, "re") : NULL;
}

/* The next item of QEMU's list into @item: a comma ends it, two are one. */
static const char *take_item(const char *text, char item[VM_NAME_SIZE])
{
	size_t length = 0;

	for (; *text; text++) {
		if (*text == ',' && *++text != ',')
			break;
		if (length < VM_NAME_SIZE - 1)
			item[length++] = *text;
	}
	item[length] = '\0';
	return text;
}

/* "web01,debug-threads=on", or "debug-threads=on,guest=web01" */
static void parse_value(const char *value, char name[VM_NAME_SIZE])
{
	char item[VM_NAME_SIZE];
	const char *text = value;

	while (*text) {
		bool first = text == value;
		const char *at = item;

		text = take_item(text, item);
		if (take_word(&at, "guest=") || (first && !strchr(item, '=')))
			memmove(name, at, strlen(at) + 1);
	}
}

/* The words of the process's command line have a NUL behind each. */
static void read_option(const char *proc, uint32_t pid, char name[VM_NAME_SIZE])
{
	FILE *in = open_file(proc, pid, "cmdline");
	char *words = in ? malloc(MAX_WORDS + 1) : NULL;
	bool is_value = false;
	size_t i, length;

	if (words) {
		length = fread(words, 1, MAX_WORDS, in);
		words[length] = '\0';
		for (i = 0; i < length; i += strlen(words + i) + 1) {
			if (is_value)
				parse_value(words + i, name);
			is_value = !strcmp(words + i, "-name") ||
				   !strcmp(words + i, "--name");
		}
	}
	free(words);
	if (in)
		fclose(in);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* systemd has \xNN for what the name of a unit cannot have. */
static void unescape(const char *text, size_t length, char name[VM_NAME_SIZE])
{
	size_t i, out = 0;

	for (i = 0; i < length && out < VM_NAME_SIZE - 1; i++) {
		char c = text[i];

		if (i + 3 < length && c == '\\' && text[i + 1] == 'x' &&
		    hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0) {
			c = (char)(16 * hex_digit(text[i + 2]) +
				   hex_digit(text[i + 3]));
			i += 3;
		}
		/* A NUL would end the name. */
		name[out++] = is_printable(c) ? c : '.';
	}
	name[out] = '\0';
}

/* libvirt's scopes are "qemu-3-web01": its driver, the machine's number, the name. */
static void drop_prefix(char *name)
{
	const char *at = name;
	uint64_t number;

	if (take_word(&at, "qemu-") && take_number(&at, UINT64_MAX, &number) &&
	    take_word(&at, "-") && *at)
		memmove(name, at, strlen(at) + 1);
}

/* A line of /proc/PID/cgroup, which has .../machine-NAME.scope in its path. */
static bool parse_cgroup(const char *line, char name[VM_NAME_SIZE])
{
	const char *at = strstr(line, "/machine-");
	const char *end = at ? strstr(at, ".scope") : NULL;

	if (!end || (end[6] && !strchr("/\n", end[6])))
		return false;
	at += strlen("/machine-");
	if (end <= at || memchr(at, '/', end - at))
		return false;
	unescape(at, end - at, name);
	drop_prefix(name);
	return true;
}

static void read_scope(const char *proc, uint32_t pid, char name[VM_NAME_SIZE])
{
	FILE *in = open_file(proc, pid, "cgroup");
	bool found = false;
	char *line = NULL;
	size_t size = 0;

	while (in && !found && getline(&line, &size, in) > 0)
		found = parse_cgroup(line, name);
	free(line);
	if (in)
		fclose(in);
}

static void read_process(const char *proc, uint32_t pid, char name[VM_NAME_SIZE])
{
	FILE *in = open_file(proc, pid, "comm");

	if (in && fgets(name, VM_NAME_SIZE, in))
		name[strcspn(name, "\n")] = '\0';
	if (in)
		fclose(in);
}

void vm_name(const char *proc, uint32_t pid, char name[VM_NAME_SIZE])
{
	static void (*const readers[])(const char *proc, uint32_t pid,
				       char name[VM_NAME_SIZE]) = {
		read_option, read_scope, read_process,
	};
	size_t i;

	name[0] = '\0';
	for (i = 0; i < sizeof(readers) / sizeof(readers[0]) && !name[0]; i++)
		readers[i](proc, pid, name);
	if (!name[0])
		strcpy(name, "-");
	make_printable(name);
}

/* As much of @wanted as a name has. */
static void as_name(const char *wanted, char name[VM_NAME_SIZE])
{
	snprintf(name, VM_NAME_SIZE, "%s", wanted);
	make_printable(name);
}

bool vm_name_is(const char *name, const char *wanted)
{
	char text[VM_NAME_SIZE];

	as_name(wanted, text);
	return strcmp(name, "-") && !strcmp(name, text);
}

bool vm_name_begins(const char *name, const char *wanted)
{
	char text[VM_NAME_SIZE];

	as_name(wanted, text);
	return strcmp(name, "-") && !strncmp(name, text, strlen(text));
}

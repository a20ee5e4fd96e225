// SPDX-License-Identifier: GPL-2.0-only
/* See source/vmm.h.  Whoever starts a process chooses all of this. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "source/vmm.h"

/* As much of a process's words as is looked at: names come early. */
#define MAX_WORDS	65536

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
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
static void take_name(const char *value, struct vmm *vmm)
{
	char item[VM_NAME_SIZE];
	const char *text = value;

	while (*text) {
		bool first = text == value;
		const char *at = item;

		text = take_item(text, item);
		if (take_word(&at, "guest=") || (first && !strchr(item, '=')))
			memmove(vmm->name, at, strlen(at) + 1);
	}
}

/* 8-4-4-4-12 hexadecimal digits, or with "_" for "-"; into small letters. */
static bool take_uuid(const char *text, char uuid[UUID_SIZE])
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; form[i]; i++) {
		bool good = form[i] == 'x' ? isxdigit((unsigned char)text[i])
					   : text[i] == '-' || text[i] == '_';

		if (!good) {
			uuid[0] = '\0';
			return false;
		}
		uuid[i] = form[i] == 'x' ? tolower((unsigned char)text[i]) : '-';
	}
	uuid[i] = '\0';
	return true;
}

static void take_qemu_uuid(const char *value, struct vmm *vmm)
{
	if (strlen(value) == UUID_SIZE - 1)
		take_uuid(value, vmm->uuid);
}

static void take_id(const char *value, struct vmm *vmm)
{
	snprintf(vmm->name, sizeof(vmm->name), "%s", value);
}

/* "/run/ch/web01.sock", "path=/run/ch/web01.sock"; libvirt has web01-socket. */
static void take_socket(const char *value, struct vmm *vmm)
{
	static const char *const ends[] = { ".sock", ".socket", "-socket" };
	const char *slash = strrchr(value, '/');
	size_t i, length;

	if (!slash)
		return;
	take_id(slash + 1, vmm);
	length = strlen(vmm->name);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (length > end && !strcmp(vmm->name + length - end, ends[i])) {
			vmm->name[length - end] = '\0';
			return;
		}
	}
}

/* An option of a VMM, whose value is the next word, or behind "=". */
static const struct option_row {
	const char *program;	/* the beginning of its process's name; NULL: any */
	const char *option;
	bool late;		/* a scope's name is better */
	void (*take)(const char *value, struct vmm *vmm);
} options[] = {
	{ NULL, "-name", false, take_name },
	{ NULL, "--name", false, take_name },
	{ NULL, "-uuid", false, take_qemu_uuid },
	{ NULL, "--uuid", false, take_qemu_uuid },
	{ "firecracker", "--id", false, take_id },
	{ "jailer", "--id", false, take_id },
	{ "cloud-hyperviso", "--api-socket", true, take_socket },
};

static bool is_program(const struct option_row *row, const struct vmm *vmm)
{
	return !row->program ||
	       !strncmp(vmm->comm, row->program, strlen(row->program));
}

/* The value of @row's option, if the word @at is that; @end is behind all words. */
static const char *find_value(const struct option_row *row, const char *at,
			      const char *end)
{
	size_t length = strlen(row->option);

	if (strncmp(at, row->option, length))
		return NULL;
	if (at[length] == '=' && row->program)
		return at + length + 1;
	if (at[length] || at + length + 1 >= end)
		return NULL;
	return at + length + 1;
}

static void take_option(const char *at, const char *end, bool late, struct vmm *vmm)
{
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option_row *row = &options[i];
		const char *value = is_program(row, vmm) && row->late == late ?
				    find_value(row, at, end) : NULL;

		if (value)
			row->take(value, vmm);
	}
}

/* The words of the process's command line have a NUL behind each. */
static void read_options(const char *proc, uint32_t pid, bool late, struct vmm *vmm)
{
	FILE *in = open_file(proc, pid, "cmdline");
	char *words = in ? malloc(MAX_WORDS + 1) : NULL;
	size_t i, length;

	if (words) {
		length = fread(words, 1, MAX_WORDS, in);
		words[length] = '\0';
		for (i = 0; i < length; i += strlen(words + i) + 1)
			take_option(words + i, words + length, late, vmm);
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

	if ((take_word(&at, "qemu-") || take_word(&at, "ch-")) &&
	    take_number(&at, UINT64_MAX, &number) && take_word(&at, "-") && *at)
		memmove(name, at, strlen(at) + 1);
}

/*
 * /machine.slice/machine-NAME.scope: at the beginning, since below a control group of
 * his own a user may give any name.
 */
static void take_scope(const char *path, struct vmm *vmm)
{
	const char *at = strncmp(path, "/machine.slice/", 15) ? path : path + 14;
	const char *end = strncmp(at, "/machine-", 9) ? NULL : strstr(at, ".scope");

	if (vmm->name[0] || !end || (end[6] && end[6] != '/'))
		return;
	at += strlen("/machine-");
	if (end <= at || memchr(at, '/', end - at))
		return;
	unescape(at, end - at, vmm->name);
	drop_prefix(vmm->name);
}

/* Kubernetes': /kubepods/burstable/podUID/..., or /kubepods.slice/...-podUID.slice/... */
static void take_pod(const char *path, struct vmm *vmm)
{
	const char *at = strncmp(path, "/kube", 5) ? NULL : strstr(path, "kubepods");

	while (at && !vmm->pod[0]) {
		at = strstr(at + 1, "pod");
		if (at && (at[-1] == '/' || at[-1] == '-'))
			take_uuid(at + strlen("pod"), vmm->pod);
	}
}

/* A line of /proc/PID/cgroup, of version 2, or of systemd's own hierarchy. */
static bool take_cgroup(char *line, struct vmm *vmm)
{
	char *path = strchr(line, ':');
	bool is_v2 = !strncmp(line, "0::", 3);

	path = path ? strchr(path + 1, ':') : NULL;
	if (!path)
		return false;
	path++;
	path[strcspn(path, "\n")] = '\0';
	take_scope(path, vmm);
	take_pod(path, vmm);
	if (!strcmp(path, "/") || (vmm->cgroup[0] && !is_v2))
		return false;
	snprintf(vmm->cgroup, sizeof(vmm->cgroup), "%s", path);
	make_printable(vmm->cgroup);
	return true;
}

static void read_cgroups(const char *proc, uint32_t pid, struct vmm *vmm)
{
	FILE *in = open_file(proc, pid, "cgroup");
	char *line = NULL;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0)
		take_cgroup(line, vmm);
	free(line);
	if (in)
		fclose(in);
}

static void read_comm(const char *proc, uint32_t pid, struct vmm *vmm)
{
	FILE *in = open_file(proc, pid, "comm");

	if (in && fgets(vmm->comm, sizeof(vmm->comm), in))
		vmm->comm[strcspn(vmm->comm, "\n")] = '\0';
	if (in)
		fclose(in);
	make_printable(vmm->comm);
}

void vmm_read(const char *proc, uint32_t pid, struct vmm *vmm)
{
	memset(vmm, 0, sizeof(*vmm));
	read_comm(proc, pid, vmm);
	read_options(proc, pid, false, vmm);
	read_cgroups(proc, pid, vmm);
	if (!vmm->name[0])
		read_options(proc, pid, true, vmm);
	make_printable(vmm->name);
}

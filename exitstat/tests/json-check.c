// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check that stdin is lines of JSON as the man page describes them: the names
 * and types of all that is there, and the counters strings of digits.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct member {
	const char *name;
	char type;	/* c: counter, i: integer, n: integer or null, r: number,
			 * q: number or null, s: string, t: string or null, b:
			 * boolean, o: object, a: array; capital: may be missing;
			 * H: array of arrays of three counters, may be missing
			 */
};

#define TIME(name)	{ name "_cycles", 'C' }, { name "_seconds", 'R' }
#define TIMES		TIME("kernel"), TIME("vmm"), TIME("wait")
#define ACCOUNTS \
	TIME("account_guest"), TIME("account_kernel"), TIME("account_vmm"), \
	TIME("account_wait"), TIME("account_halted"), \
	TIME("account_preempted"), TIME("account_outside"), \
	TIME("account_off"), { "epoch", 'C' }, TIME("age")
#define TAIL \
	TIME("p50"), TIME("p99"), TIME("p999"), TIME("max"), \
	{ "max_bound", 'S' }, { "open", 'C' }, { "missed", 'C' }

static const struct member table[] = {
	{ "format", 's' }, { "version", 'i' }, { "isa", 's' },
	{ "tsc_khz", 'n' }, { "time", 't' }, { "since_start", 'b' },
	{ "elapsed_seconds", 'q' },
	{ "exits", 'c' }, { "exits_per_second", 'R' }, { "cycles", 'c' },
	{ "cycles_share", 'r' }, { "cycles_per_exit", 'R' }, { "seconds", 'R' },
	TIMES, ACCOUNTS, TAIL, { "history", 'S' }, { "run", 'B' }, { "own", 'o' }, { "rows", 'a' },
	{ 0 }
}, table_row[] = {
	{ "reason", 'n' }, { "name", 's' }, { "exits", 'c' },
	{ "exits_per_second", 'R' }, { "exits_share", 'r' },
	{ "cycles", 'c' }, { "cycles_share", 'r' }, { "cycles_per_exit", 'R' },
	{ "seconds", 'R' }, TIMES, TAIL, { "buckets", 'H' },
	{ "idle_per_second", 'R' },
	{ 0 }
}, own[] = {
	{ "exits", 'c' }, { "included", 'b' }, { "in_buckets", 'B' },
	{ 0 }
}, host[] = {
	{ "format", 's' }, { "version", 'i' }, { "tsc_khz", 'n' },
	{ "time", 's' }, { "since_start", 'b' }, { "vms_unreadable", 'i' }, { "vms", 'a' },
	{ 0 }
}, host_vm[] = {
	{ "vm", 's' }, { "pid", 'i' }, { "name", 's' }, { "vcpus", 'i' },
	{ "elapsed_seconds", 'r' }, { "exits", 'c' },
	{ "exits_per_second", 'r' }, { "cycles", 'c' },
	{ "cycles_share", 'r' }, { "cycles_per_exit", 'R' },
	{ "seconds", 'R' }, TIMES, ACCOUNTS, TAIL, { "isa", 'S' }, { "rows", 'A' },
	{ 0 }
};

__attribute__((noreturn))
static void die(const char *what, const char *name)
{
	printf("%s%s\n", what, name);
	exit(1);
}

static int is_counter(json_t *value)
{
	const char *text = json_string_value(value);

	return text && *text && strspn(text, "0123456789") == strlen(text);
}

static int has_triples(json_t *array)
{
	size_t i, n;

	for (i = 0; i < json_array_size(array); i++) {
		json_t *triple = json_array_get(array, i);

		for (n = 0; n < 3; n++) {
			if (!is_counter(json_array_get(triple, n)))
				return 0;
		}
		if (json_array_size(triple) != 3)
			return 0;
	}
	return json_is_array(array);
}

static int has_type(json_t *value, char type)
{
	switch (type) {
	case 'c': return is_counter(value);
	case 'i': return json_is_integer(value);
	case 'n': return json_is_integer(value) || json_is_null(value);
	case 'r': return json_is_real(value);
	case 'R': return !value || json_is_real(value);
	case 'q': return json_is_real(value) || json_is_null(value);
	case 't': return json_is_string(value) || json_is_null(value);
	case 'C': return !value || is_counter(value);
	case 's': return json_is_string(value);
	case 'S': return !value || json_is_string(value);
	case 'b': return json_is_boolean(value);
	case 'B': return !value || json_is_boolean(value);
	case 'o': return json_is_object(value);
	case 'a': return json_is_array(value);
	case 'A': return !value || json_is_array(value);
	case 'H': return !value || has_triples(value);
	}
	return 0;
}

static void check(json_t *object, const struct member *members)
{
	size_t nr = 0;

	if (!json_is_object(object))
		die("no object", "");
	for (; members->name; members++) {
		json_t *value = json_object_get(object, members->name);

		if (!has_type(value, members->type))
			die("missing or of another type: ", members->name);
		nr += value != NULL;
	}
	if (json_object_size(object) != nr)
		die("more members than there should be", "");
}

static void check_all(json_t *objects, const struct member *members)
{
	size_t i;

	for (i = 0; i < json_array_size(objects); i++)
		check(json_array_get(objects, i), members);
}

static void check_host(json_t *object)
{
	json_t *vms = json_object_get(object, "vms");
	size_t i;

	check(object, host);
	check_all(vms, host_vm);
	for (i = 0; i < json_array_size(vms); i++)
		check_all(json_object_get(json_array_get(vms, i), "rows"),
			  table_row);
}

static void check_line(json_t *object)
{
	const char *format = json_string_value(json_object_get(object, "format"));

	if (format && !strcmp(format, "exitstat")) {
		check(object, table);
		check(json_object_get(object, "own"), own);
		check_all(json_object_get(object, "rows"), table_row);
	} else {
		check_host(object);
	}
}

int main(void)
{
	unsigned int nr = 0;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		json_error_t error;
		json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

		if (!object)
			die("no JSON: ", error.text);
		check_line(object);
		json_decref(object);
		nr++;
	}
	free(line);
	printf("%u objects\n", nr);
	return nr ? 0 : 1;
}

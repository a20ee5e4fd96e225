/* SPDX-License-Identifier: GPL-2.0-only */
/* What the file reasons says, for tests in C. */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reason_range {
	int64_t first, last;
};

/* Made of that file: {first, last} of each ISA's ranges. */
#include "reasons.inc"

static inline const struct reason_range *reason_ranges(bool svm, size_t *nr)
{
	*nr = svm ? sizeof(svm_ranges) / sizeof(svm_ranges[0])
		  : sizeof(vmx_ranges) / sizeof(vmx_ranges[0]);
	return svm ? svm_ranges : vmx_ranges;
}

/* Errors are negative numbers of 32 bits. */
static inline bool is_defined_reason(bool svm, uint32_t reason)
{
	int64_t number = reason > INT32_MAX ? (int32_t)reason : (int64_t)reason;
	const struct reason_range *range;
	size_t nr;

	for (range = reason_ranges(svm, &nr); nr--; range++) {
		if ((number >= range->first && number <= range->last) ||
		    (number <= range->first && number >= range->last))
			return true;
	}
	return false;
}

/* One past the highest that is no error. */
static inline uint32_t end_of_reasons(bool svm)
{
	const struct reason_range *range;
	uint32_t end = 0;
	size_t nr;

	for (range = reason_ranges(svm, &nr); nr--; range++) {
		if (range->last >= end)
			end = range->last + 1;
	}
	return end;
}

/* How many there are, and number @i of them, from 0, in the file's order. */
static inline uint32_t nr_defined_reasons(bool svm)
{
	const struct reason_range *range;
	uint32_t sum = 0;
	size_t nr;

	for (range = reason_ranges(svm, &nr); nr--; range++)
		sum += (range->last > range->first ? range->last - range->first :
						     range->first - range->last) + 1;
	return sum;
}

static inline uint32_t defined_reason(bool svm, uint32_t i)
{
	const struct reason_range *range;
	size_t nr;

	for (range = reason_ranges(svm, &nr); nr--; range++) {
		bool up = range->last >= range->first;
		int64_t size = (up ? range->last - range->first :
				     range->first - range->last) + 1;

		if (i < size)
			return (uint32_t)(up ? range->first + i : range->first - i);
		i -= size;
	}
	return UINT32_MAX;
}

#endif /* FACTS_H */

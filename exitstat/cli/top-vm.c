// SPDX-License-Identifier: GPL-2.0-only
/* One VM of --top: into it, out of it, and its vCPUs. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/top.h"
#include "source/source.h"

void top_drop_vcpus(struct top *top)
{
	size_t i;

	for (i = 0; i < top->nr_vcpus; i++) {
		top->vcpus[i].source->close(top->vcpus[i].source);
		track_free(&top->vcpus[i]);
	}
	free(top->vcpus);
	top->vcpus = NULL;
	top->nr_vcpus = 0;
	top->by_vcpu = false;
	top->first = 0;
}

static int add_vcpu(struct top *top, int vcpu)
{
	struct track *track, *vcpus;
	struct source *source = vm_open_vcpu(top->all.source, vcpu);

	/* It may have gone since it was listed. */
	if (!source)
		return 0;
	vcpus = reallocarray(top->vcpus, top->nr_vcpus + 1, sizeof(*vcpus));
	if (!vcpus) {
		source->close(source);
		return complain("out of memory");
	}
	top->vcpus = vcpus;
	track = &vcpus[top->nr_vcpus++];
	*track = (struct track){ .source = source, .vcpu = vcpu };
	return track_read(track);
}

/* Those that the VM has now: one that comes later is seen with the next "v". */
int top_show_vcpus(struct top *top)
{
	const struct source *source = top->all.source;
	int vcpu = -1;

	if (!source->vm || source->vcpu >= 0) {
		top->message = "vCPUs need --vm, without --vcpu";
		return 0;
	}
	while ((vcpu = vm_next_vcpu(source, vcpu)) >= 0) {
		if (add_vcpu(top, vcpu))
			return -1;
	}
	top->by_vcpu = true;
	top->first = 0;
	return 0;
}

/* What is wrong with the VM, from now on, ends only the look at it. */
void top_enter(struct top *top)
{
	const struct line *line = &top->lines[top->cursor];
	struct source *source;
	int status;

	if (!top->nr_lines)
		return;
	keep_complaints(top->why, sizeof(top->why));
	source = vm_open(top->env->debugfs, top->env->proc, line->id, -1,
			 top->host->tsc_khz, &status);
	if (!source) {
		keep_complaints(NULL, 0);
		top->message = top->why;
		return;
	}
	source->wants_hists = top->tail;
	strcpy(top->selected, line->id);
	top->selected_inode = line->inode;
	top->all = (struct track){ .source = source, .vcpu = -1 };
	top->host_reset = top->reset;
	top->reset = false;
	top->first = 0;
	top->refresh = true;
}

void top_leave(struct top *top)
{
	if (!top->host || top_lists_vms(top))
		return;
	top_drop_vcpus(top);
	top->all.source->close(top->all.source);
	track_free(&top->all);
	top->all = (struct track){ .vcpu = -1 };
	keep_complaints(NULL, 0);
	top->reset = top->host_reset;
	top->ended = false;
	top->refresh = true;
}

/* What is read from now on has them. */
void top_set_tail(struct top *top, bool tail)
{
	size_t i;

	top->tail = tail;
	if (!tail && sort_needs_tail(top->sort))
		top->sort = SORT_DEFAULT;
	if (top->host)
		top->host->wants_hists = tail;
	if (top->all.source)
		top->all.source->wants_hists = tail;
	for (i = 0; i < top->nr_vcpus; i++)
		top->vcpus[i].source->wants_hists = tail;
}

static bool has_hists(const struct top *top)
{
	size_t i;

	if (!top_lists_vms(top))
		return top->all.samples.new.hists.known;
	for (i = 0; i < top->host->nr; i++) {
		if (top->host->vms[i].samples.new.hists.known)
			return true;
	}
	return !top->host->nr;
}

void top_check_tail(struct top *top)
{
	if (!top->tail || has_hists(top))
		return;
	top_set_tail(top, false);
	top->message = top->env->input ?
		       "this recording has no histograms" :
		       "KVM keeps no histograms: they need a newer patched kernel on the host";
}

static void reset_vms(struct top *top)
{
	size_t i;

	for (i = 0; i < top->host->nr; i++)
		top->host->vms[i].base = top->host->vms[i].samples.new.all;
	top->reset_ns = clock_ns(CLOCK_MONOTONIC);
}

int top_reset(struct top *top)
{
	size_t i;

	top->reset = true;
	if (top_lists_vms(top)) {
		reset_vms(top);
		return 0;
	}
	for (i = 0; i < top->nr_vcpus; i++) {
		if (track_reset(&top->vcpus[i]))
			return -1;
	}
	return track_reset(&top->all);
}

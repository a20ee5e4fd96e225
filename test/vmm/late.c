// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory whose pages come late, as they do in a post-copy migration: the
 * handler of the guest's fault sleeps until userspace brings the page.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm.h"

struct late {
	struct vm *vm;
	int uffd, end[2];
	unsigned int delay_us;
	pthread_t thread;
	/* For how long faults were known, and not resolved. */
	uint64_t waited;
};

static void bring(struct late *late, uint64_t address)
{
	struct uffdio_zeropage page = {
		.range = { .start = address & -PAGE, .len = PAGE },
	};

	must(ioctl(late->uffd, UFFDIO_ZEROPAGE, &page), "UFFDIO_ZEROPAGE");
}

/* Ends sooner when end_late() says so. */
static void take_time(struct late *late)
{
	struct pollfd end = { .fd = late->end[0], .events = POLLIN };

	must(poll(&end, 1, late->delay_us / 1000), "poll");
}

static void *bring_pages(void *arg)
{
	struct late *late = arg;
	struct pollfd fds[2] = {
		{ .fd = late->uffd, .events = POLLIN },
		{ .fd = late->end[0], .events = POLLIN },
	};
	struct uffd_msg msg;
	uint64_t start;

	for (;;) {
		must(poll(fds, 2, -1), "poll");
		if (read(late->uffd, &msg, sizeof(msg)) != sizeof(msg)) {
			/* All that are known have come. */
			if (fds[1].revents)
				return NULL;
			continue;
		}
		start = ticks();
		take_time(late);
		late->waited += ticks() - start;
		bring(late, msg.arg.pagefault.address);
	}
}

/* The pages of add_fault_pages() come @delay_us after the guest wants them. */
struct late *make_late(struct vm *vm, unsigned int delay_us)
{
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)vm->faults,
			   .len = vm->faults_size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	struct late *late = calloc(1, sizeof(*late));

	if (!late || pipe(late->end))
		err(1, "late pages");
	late->vm = vm;
	late->delay_us = delay_us;
	late->uffd = must(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK),
			  "userfaultfd");
	must(ioctl(late->uffd, UFFDIO_API, &api), "UFFDIO_API");
	must(ioctl(late->uffd, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER");
	if (pthread_create(&late->thread, NULL, bring_pages, late))
		errx(1, "no thread");
	return late;
}

/* Bring what is waited for. Returns for how long, in all, pages were late. */
uint64_t end_late(struct late *late)
{
	uint64_t waited;

	close(late->end[1]);
	pthread_join(late->thread, NULL);
	waited = late->waited;
	close(late->uffd);
	close(late->end[0]);
	free(late);
	return waited;
}

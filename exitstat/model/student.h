/* SPDX-License-Identifier: GPL-2.0-only */
/* Student's t distribution. */
#ifndef STUDENT_H
#define STUDENT_H

/* How likely chance has something as far from 0 as @t, or further. */
double student_chance(double t, double freedom);

#endif /* STUDENT_H */

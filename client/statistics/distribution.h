/*
 * distribution.h
 *	  The few functions of mathematical statistics that comparisons need.
 */
#ifndef DISTRIBUTION_H
#define DISTRIBUTION_H

/* regularized incomplete beta function I_x(a, b), a and b > 0, 0 <= x <= 1 */
extern double incomplete_beta(double a, double b, double x);

/* probability that |t| is at least this large with df degrees of freedom; df may be INFINITY */
extern double student_two_sided(double t, double df);

/* the t that is exceeded in absolute value with this probability, 0 < p < 1 */
extern double student_critical(double p, double df);

/* derivatives of log gamma, x > 0 */
extern double digamma(double x);
extern double trigamma(double x);

/* the x with trigamma(x) = y, y > 0 */
extern double trigamma_inverse(double y);

#endif							/* DISTRIBUTION_H */

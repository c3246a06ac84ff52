/*
 * simulate_machine.c
 *	  What machines do: made-up times that drift, jump and remember.
 */
#include "simulate.h"

const double base_ms[MADE_SIZES + 1] = {0.4, 0.5, 8.0, 8.5};

Random		state;

const char *const pace_names[PACE_COUNT] = {
	"a steady pace", "linear drift", "a step", "a random walk"
};

double
normal(void)
{
	double		u = 1.0 - random_fraction(&state);

	return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * random_fraction(&state));
}

/* one step of an AR(1) of variance 1 */
void
ar_step(double *z, double phi)
{
	*z = phi * *z + sqrt(1.0 - phi * phi) * normal();
}

Machine
machine_begin(Pace pace, double nmoves)
{
	return (Machine) {pace, random_fraction(&state), 0.0, 0.3 / sqrt(nmoves)};
}

/* at the done-th part of it, 0 to 1 */
double
machine_move(Machine *machine, double done)
{
	switch (machine->pace)
	{
		case PACE_LINEAR:
			return 0.3 * (done - 0.5);
		case PACE_STEP:
			return done < machine->step_at ? 0.0 : 0.2;
		case PACE_WALK:
			return machine->walked += machine->walk * normal();
		default:
			return 0.0;
	}
}

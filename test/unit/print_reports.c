/*
 * print_reports.c
 *	  Reports, tables and plots of a made-up run, to look at them without a
 *	  server.  Not installed, and no test.
 *
 * print_reports [-2] [-a] [-b BLOCKS] [-f] [--csv FILE] [--plot DIR]
 *	  -2: two sides; -a: all drives and origins; -f: every table
 */
#include <stdio.h>

#include "made_up.h"
#include "report/report.h"

int
main(int argc, char **argv)
{
	int			nsides = 1;
	int			nblocks = MADE_UP_BLOCKS;
	bool		all = false;
	bool		full = false;
	const char *csv = NULL;
	const char *plot = NULL;
	Figures    *figures;

	for (int i = 1; i < argc; i++)
	{
		if (strcmp(argv[i], "-2") == 0)
			nsides = 2;
		else if (strcmp(argv[i], "-a") == 0)
			all = true;
		else if (strcmp(argv[i], "-f") == 0)
			full = true;
		else if (strcmp(argv[i], "-b") == 0 && i + 1 < argc)
			nblocks = (int) strtol(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--csv") == 0 && i + 1 < argc)
			csv = argv[++i];
		else if (strcmp(argv[i], "--plot") == 0 && i + 1 < argc)
			plot = argv[++i];
		else
		{
			fprintf(stderr, "usage: print_reports [-2] [-a] [-b BLOCKS] [-f] [--csv FILE] [--plot DIR]\n");
			return 1;
		}
	}
	figures = made_up(nsides, all ? "cpr" : "c", all ? "sc" : "s", nblocks);
	if (full)
		report_full(figures, stdout);
	else
		report_answer(figures, stdout);
	return (csv == NULL || csv_write(figures, csv)) &&
		(plot == NULL || (plots_check_dir(plot) && plots_write(figures, plot))) ? 0 : 2;
}

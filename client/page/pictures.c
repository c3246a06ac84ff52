/*
 * pictures.c
 *	  gnuplot's SVG put into a page.
 *
 * What belongs to a file of its own goes: the prolog, the fixed title, a background.
 * Names are gnuplot's, the same in every picture: here each picture's get a beginning
 * of their own.
 */
#include <stdlib.h>
#include <string.h>

#include "page/html.h"
#include "util/memory.h"

#define BUFFER 65536

/* All of a file, malloc'd; NULL where it is not there. */
static char *
read_file(const char *dir, const char *name)
{
	char	   *path = xasprintf("%s/%s.svg", dir, name);
	FILE	   *file = fopen(path, "r");
	char	   *text = NULL;
	size_t		length = 0;
	size_t		n;

	free(path);
	if (file == NULL)
		return NULL;
	do
	{
		text = xrealloc(text, length + BUFFER + 1);
		n = fread(text + length, 1, BUFFER, file);
		length += n;
	} while (n > 0);
	text[length] = '\0';
	fclose(file);
	return text;
}

/* Behind these a name begins, or a reference to one. */
static size_t
name_follows(const char *at)
{
	static const char *const before[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#", "url('#", "url(\"#"};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (strncmp(at, before[i], strlen(before[i])) == 0)
			return strlen(before[i]);
	return 0;
}

/* gnuplot's fixed title and description, up to what follows them; else where it was */
static const char *
skip_title(const char *at)
{
	const char *end;

	if (strncmp(at, "<title>Gnuplot</title>", strlen("<title>Gnuplot</title>")) != 0)
		return at;
	end = strstr(at, "</desc>");
	return end != NULL ? end + strlen("</desc>") : at;
}

/* The drawing, from <svg on. */
static void
put_svg(Page *page, const char *svg)
{
	const char *at = strstr(svg, "<svg");
	int			picture = page->npictures;

	if (at == NULL)
		return;
	fprintf(page->file, "<svg role=\"img\" aria-labelledby=\"p%d-heading\"", picture);
	for (at += strlen("<svg"); *at != '\0';)
	{
		size_t		follows = name_follows(at);
		const char *rest = skip_title(at);

		if (rest != at)
			at = rest;
		else if (follows > 0)
		{
			fwrite(at, 1, follows, page->file);
			fprintf(page->file, "p%d-", picture);
			at += follows;
		}
		/* lines of nothing: gnuplot's groups of a series that has none */
		else if (*at == '\n' && (at[1] == '\n' || at[1] == '\t'))
			at++;
		else
			fputc(*at++, page->file);
	}
}

void
html_pictures(Page *page, Pictures *pictures, const char *table)
{
	bool		missing = false;

	for (int i = 0; i < pictures->n; i++)
	{
		const Picture *picture = &pictures->list[i];
		char	   *svg = read_file(pictures->dir, picture->name);

		if (svg != NULL)
		{
			page->npictures++;
			fprintf(page->file, "<figure>\n<h4 id=\"p%d-heading\">", page->npictures);
			html_text(page, picture->heading);
			fputs("</h4>\n<div class=\"picture\" tabindex=\"0\">", page->file);
			put_svg(page, svg);
			fputs("</div>\n<figcaption>", page->file);
			html_text(page, picture->caption);
			fputs(" ", page->file);
			html_text(page, table);
			fputs("</figcaption>\n</figure>\n", page->file);
		}
		missing = missing || svg == NULL;
		free(svg);
	}
	if (missing)
		html_paragraph(page, "There are no pictures here: gnuplot was not found, or failed, where this page was made. The tables have their figures.");
	pictures_free(pictures);
}

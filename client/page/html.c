/*
 * html.c
 *	  The words of HTML that a page is written with.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "page/html.h"
#include "util/memory.h"
#include "util/message.h"

static void
put_escaped(FILE *file, const char *text)
{
	for (; *text != '\0'; text++)
	{
		unsigned char c = (unsigned char) *text;

		if (c == '&')
			fputs("&amp;", file);
		else if (c == '<')
			fputs("&lt;", file);
		else if (c == '>')
			fputs("&gt;", file);
		else if (c == '"')
			fputs("&quot;", file);
		else if ((c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t')
			fputc(c, file);
		else
			fputc(' ', file);
	}
}

void
html_text(Page *page, const char *text)
{
	put_escaped(page->file, text);
}

static void
put_list(Page *page, const char *format, va_list args)
{
	char	   *text = NULL;

	text_add_list(&text, format, args);
	put_escaped(page->file, text);
	free(text);
}

void
html_paragraph(Page *page, const char *format,...)
{
	va_list		args;

	fputs("<p>", page->file);
	va_start(args, format);
	put_list(page, format, args);
	va_end(args);
	fputs("</p>\n", page->file);
}

void
html_heading(Page *page, int level, const char *format,...)
{
	va_list		args;

	fprintf(page->file, "<h%d>", level);
	va_start(args, format);
	put_list(page, format, args);
	va_end(args);
	fprintf(page->file, "</h%d>\n", level);
}

void
html_section_begin(Page *page, const char *kind, const char *title)
{
	fprintf(page->file, "<section id=\"s%d\">\n<h2><span class=\"kind\">", ++page->nsections);
	put_escaped(page->file, kind);
	fputs("</span> ", page->file);
	put_escaped(page->file, title);
	fputs("</h2>\n", page->file);
}

void
html_section_end(Page *page)
{
	fputs("</section>\n", page->file);
}

void
html_facts_begin(Page *page)
{
	fputs("<dl>\n", page->file);
}

void
html_fact(Page *page, const char *name, const char *text)
{
	fputs("<dt>", page->file);
	put_escaped(page->file, name);
	fputs("</dt><dd>", page->file);
	put_escaped(page->file, text);
	fputs("</dd>\n", page->file);
}

void
html_facts_end(Page *page)
{
	fputs("</dl>\n", page->file);
}

void
html_list_begin(Page *page, const char *style)
{
	fprintf(page->file, "<ul class=\"%s\">\n", style);
}

void
html_item(Page *page, const char *text)
{
	fputs("<li>", page->file);
	put_escaped(page->file, text);
	fputs("</li>\n", page->file);
}

void
html_list_end(Page *page)
{
	fputs("</ul>\n", page->file);
}

static void
put_head(Page *page, const Table *table)
{
	fputs("<thead><tr>", page->file);
	for (int c = 0; c < table_columns_of(table); c++)
	{
		fprintf(page->file, "<th scope=\"col\"%s>", table_is_text(table, c) ? " class=\"text\"" : "");
		put_escaped(page->file, table_title_of(table, c));
		fputs("</th>", page->file);
	}
	fputs("</tr></thead>\n", page->file);
}

void
html_table(Page *page, const Table *table, const char *caption)
{
	fputs("<div class=\"table\" tabindex=\"0\"><table>\n", page->file);
	if (*caption != '\0')
	{
		fputs("<caption>", page->file);
		put_escaped(page->file, caption);
		fputs("</caption>\n", page->file);
	}
	put_head(page, table);
	fputs("<tbody>\n", page->file);
	for (int r = 0; r < table_rows_of(table); r++)
	{
		for (int c = 0; c < table_columns_of(table); c++)
		{
			const char *tag = c == 0 ? "th" : "td";
			bool		rule;
			char	   *text = table_cell_text(table, r, c, &rule);

			if (c == 0)
				fputs(rule ? "<tr class=\"rule\">" : "<tr>", page->file);
			fprintf(page->file, "<%s%s%s>", tag, c == 0 ? " scope=\"row\"" : "",
					table_is_text(table, c) ? " class=\"text\"" : "");
			put_escaped(page->file, text);
			fprintf(page->file, "</%s>", tag);
			free(text);
		}
		fputs("</tr>\n", page->file);
	}
	fputs("</tbody></table></div>\n", page->file);
}

void
html_folded_begin(Page *page, const char *summary)
{
	fputs("<details>\n<summary>", page->file);
	put_escaped(page->file, summary);
	fputs("</summary>\n", page->file);
}

void
html_folded_end(Page *page)
{
	fputs("</details>\n", page->file);
}

void
html_lines(Page *page, const char *text)
{
	fputs("<pre tabindex=\"0\">", page->file);
	put_escaped(page->file, text);
	fputs("</pre>\n", page->file);
}

char *
html_dir_begin(void)
{
	const char *temp = getenv("TMPDIR");
	char	   *dir = xasprintf("%s/dbos_payload_bench.XXXXXX", temp != NULL && *temp != '\0' ? temp : "/tmp");

	if (mkdtemp(dir) != NULL)
		return dir;
	print_error("could not make a folder for pictures, \"%s\": %s", dir, strerror(errno));
	free(dir);
	return NULL;
}

void
html_dir_end(char *dir)
{
	DIR		   *open = dir != NULL ? opendir(dir) : NULL;

	for (struct dirent *entry = open ? readdir(open) : NULL; entry != NULL; entry = readdir(open))
	{
		char	   *path;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		path = xasprintf("%s/%s", dir, entry->d_name);
		unlink(path);
		free(path);
	}
	if (open != NULL)
		closedir(open);
	if (dir != NULL)
		rmdir(dir);
	free(dir);
}

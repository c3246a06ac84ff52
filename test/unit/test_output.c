/*
 * test_output.c
 *	  Result files are whole or not there; passwords are in none of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pg/conninfo.h"
#include "tap.h"
#include "util/memory.h"
#include "util/output.h"

static void
is_redacted(const char *argument, const char *expected)
{
	char	   *found = redact_password(argument);
	char	   *name = xasprintf("redacted: %s", expected);

	if (!ok(strcmp(found, expected) == 0, name))
		printf("# %s became %s\n", argument, found);
	free(found);
	free(name);
}

static void
test_redact(void)
{
	is_redacted("run", "run");
	is_redacted("mydb", "mydb");
	is_redacted("--label=a b", "--label=a b");
	is_redacted("--label=a = b", "--label=a = b");
	is_redacted("host=h user=u", "host=h user=u");
	is_redacted("passfile=/x/y host=h", "passfile=/x/y host=h");
	is_redacted("postgresql://u@h:5432/d", "postgresql://u@h:5432/d");
	is_redacted("postgresql://h:5432,i:5433/d", "postgresql://h:5432,i:5433/d");

	/* written anew, in libpq's order */
	is_redacted("host=h password=secret user=u", "user=u password=*** host=h");
	is_redacted("password=secret", "password=***");
	is_redacted("password = 'se\\'cr et' host=h", "password=*** host=h");
	is_redacted("password='' host=h", "password=*** host=h");
	is_redacted("password=se\\ cret host=h", "password=*** host=h");
	is_redacted("sslpassword=a password=b", "password=*** sslpassword=***");
	is_redacted("postgresql://u:secret@h:5432/d", "user=u password=*** dbname=d host=h port=5432");
	is_redacted("postgres://u:s%40cret@h/d", "user=u password=*** dbname=d host=h");
	is_redacted("postgresql:///d?host=h&password=secret&user=u",
				"user=u password=*** dbname=d host=h");
	is_redacted("postgresql:///d?p%61ssword=secret", "password=*** dbname=d");
	is_redacted("--against=host=h password=secret", "--against=password=*** host=h");
	is_redacted("--against=postgresql://u:secret@h/d", "--against=user=u password=*** dbname=d host=h");
	is_redacted("dbname=postgresql://u:secret@h/d user=v", "user=v dbname=***");

	/* what libpq cannot read, or reads in another way than it was meant */
	is_redacted("postgresql://u:s@cret@h/d", "***");
	is_redacted("postgresql://u:sec/ret@h/d", "***");
	is_redacted("password=a'b user=u x", "***");

	/* found by fuzzing */
	is_redacted("--a password=secret", "***");
	is_redacted("password=apostgres://b user=u", "user=u password=***");
	is_redacted("postgresql://u:se?cret@h/d?password=x",
				"user=u password=*** dbname=d host=h");
	is_redacted("postgresql://u:se/cret?p%81=x&password=a@h/d", "***");
}

static void
is_typed(const char *conninfo, const char *expected)
{
	char	   *found = conninfo_shell_argument(conninfo);

	if (!ok(strcmp(found, expected) == 0, expected))
		printf("# it became %s\n", found);
	free(found);
}

/* in a command that is shown to be copied */
static void
test_shell_argument(void)
{
	is_typed(NULL, "");
	is_typed("mydb", " mydb");
	is_typed("", " ''");
	is_typed("my db", " 'my db'");
	is_typed("it's", " 'it'\\''s'");
	is_typed("postgresql://me@h:5432/d", " postgresql://me@h:5432/d");
	is_typed("host=h password=secret dbname=d", " 'password=*** dbname=d host=h'");
}

/* the file's content, malloc'd; NULL where there is none */
static char *
content(const char *path)
{
	FILE	   *file = fopen(path, "r");
	char	   *text;
	size_t		length;

	if (file == NULL)
		return NULL;
	text = xcalloc(1, 10000);
	length = fread(text, 1, 9999, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static bool
holds(const char *path, const char *expected)
{
	char	   *text = content(path);
	bool		same = text != NULL && strcmp(text, expected) == 0;

	free(text);
	return same;
}

static bool
write_text(const char *path, const char *text, bool complete)
{
	Output		output;

	if (!output_open(path, &output))
		return false;
	fputs(text, output.file);
	return output_close(path, &output, complete);
}

/* how many files the current directory holds */
static int
count_files(void)
{
	FILE	   *list = popen("ls -A | wc -l", "r");
	int			n = -1;

	if (list == NULL || fscanf(list, "%d", &n) != 1)
		n = -1;
	if (list != NULL)
		pclose(list);
	return n;
}

static void
test_files(void)
{
	struct stat status;
	Output		output;

	umask(022);
	ok(output_path_check("new"), "a new file can be written");
	ok(access("new", F_OK) != 0 && count_files() == 0, "asking leaves nothing behind");
	ok(write_text("new", "one", true) && holds("new", "one"), "it is written");
	ok(stat("new", &status) == 0 && (status.st_mode & 0777) == 0644, "with the mode that umask leaves");
	ok(output_path_check("new") && holds("new", "one"), "asking does not touch what is there");

	chmod("new", 0640);
	ok(write_text("new", "two", true) && holds("new", "two"), "it is replaced");
	ok(stat("new", &status) == 0 && (status.st_mode & 0777) == 0640, "and keeps its mode");
	ok(output_open("new", &output) && fputs("half", output.file) >= 0 && fflush(output.file) == 0 &&
	   holds("new", "two"), "while it is written the old one stands");
	output_discard();
	ok(!output_close("new", &output, true) && holds("new", "two"), "also when the writing is broken off");
	ok(!write_text("new", "half", false) && holds("new", "two"), "a failed one leaves the old");
	ok(count_files() == 1, "and no temporary file");

	ok(symlink("new", "link") == 0 && write_text("link", "three", true), "through a symbolic link");
	ok(lstat("link", &status) == 0 && S_ISLNK(status.st_mode) && holds("new", "three"),
	   "the file behind it is written");
	ok(symlink("later", "dangling") == 0 && output_path_check("dangling") &&
	   write_text("dangling", "four", true) && holds("later", "four"), "and one that leads nowhere yet");

	/* as samples may be; 32-bit programs must ask for such files */
	ok(system("truncate -s 3G large && chmod 640 large") == 0 && output_path_check("large") &&
	   write_text("large", "five", true) && holds("large", "five"), "a file of 3 GB is replaced");
	ok(stat("large", &status) == 0 && (status.st_mode & 0777) == 0640, "and keeps its mode");

	ok(mkdir("dir", 0777) == 0 && !output_path_check("dir"), "a directory is no file");
	ok(!output_path_check("missing/file"), "nor is there one in a missing directory");
	ok(!output_path_check("new/file"), "nor below a file");
	ok(!output_path_check(""), "nor without a name");
	if (geteuid() != 0)
	{
		chmod("dir", 0555);
		ok(!output_path_check("dir/file"), "nor in a directory that is not ours to write");
		chmod("new", 0444);
		ok(!output_path_check("new"), "nor where a file is protected");
	}
}

static void
test_special(void)
{
	FILE	   *reader;
	int			kept;
	bool		good;

	ok(output_path_check("/dev/null") && write_text("/dev/null", "x", true), "a device is written directly");
	ok(output_path_check("/dev/full") && !write_text("/dev/full", "x", true), "a full one is told");
	ok(output_path_check("/dev/stdout"), "standard output can be written");

	/* standard output is a file: what is written to it by name goes to its end */
	fflush(stdout);
	kept = dup(STDOUT_FILENO);
	reader = freopen("out", "w", stdout);
	printf("before ");
	good = reader != NULL && write_text("/dev/stdout", "during ", true) && write_text("out", "by name ", true);
	printf("after");
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	ok(good && holds("out", "before during by name after"), "standard output keeps its order");

	ok(mkfifo("pipe", 0600) == 0 && output_path_check("pipe"), "a named pipe is not waited for");
	reader = popen("cat pipe > piped", "r");
	good = write_text("pipe", "through", true);
	if (reader != NULL)
		pclose(reader);
	ok(good && holds("piped", "through"), "and is written directly");
}

int
main(void)
{
	char		directory[] = "/tmp/dbos_payload_output.XXXXXX";
	char	   *command;

	if (mkdtemp(directory) == NULL || chdir(directory) != 0)
	{
		printf("Bail out! no temporary directory\n");
		return 1;
	}
	test_redact();
	test_shell_argument();
	test_files();
	test_special();
	command = xasprintf("rm -rf '%s'", directory);
	if (chdir("/") != 0 || system(command) != 0)
		printf("# %s was left behind\n", directory);
	free(command);
	return done_testing();
}

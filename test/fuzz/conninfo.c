/*
 * conninfo.c
 *	  Fuzzes the showing of connection strings.
 *
 * Besides any text as it is, it makes strings of which it knows the password:
 * the input's parts are the password and what stands around it.
 */
#include "fuzz.h"
#include "pg/conninfo.h"

static const char secret[] = "S3cr3tW0rd";

/* does libpq still find this password in the text? */
static bool
has_password(const char *text, const char *password)
{
	PQconninfoOption *options = PQconninfoParse(text, NULL);
	bool		found = false;

	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
		if (strcmp(o->keyword, "password") == 0 && o->val != NULL && strcmp(o->val, password) == 0)
			found = true;
	PQconninfoFree(options);
	return found;
}

/* Whatever libpq would take for a password is not in what is shown. */
static void
check_redacted(const char *text)
{
	char	   *shown = redact_password(text);
	PQconninfoOption *options = PQconninfoParse(text, NULL);
	char		mistake[CONNINFO_MISTAKE_SIZE];

	must(shown != NULL);
	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
	{
		/* a short one may be there by chance, "***" always */
		if (strcmp(o->keyword, "password") == 0 && o->val != NULL && strlen(o->val) >= 1 &&
			strcmp(o->val, "***") != 0)
			must(!has_password(shown, o->val));
	}
	PQconninfoFree(options);
	free(shown);
	(void) conninfo_mistake(text, mistake, sizeof(mistake));
}

/* Strings in which a password that we know stands beside whatever text. */
static void
check_known(const char *any)
{
	size_t		length = strlen(any) + 200;
	char	   *quoted = malloc(2 * strlen(any) + 1);
	char	   *text = malloc(2 * length);
	char	   *shown;
	char	   *out = quoted;

	must(quoted != NULL && text != NULL);
	for (const char *in = any; *in != '\0'; in++)
	{
		if (*in == '\'' || *in == '\\')
			*out++ = '\\';
		*out++ = *in;
	}
	*out = '\0';

	snprintf(text, 2 * length, "host=h application_name='x' password='%s%s%s' user=u", secret, quoted, secret);
	shown = redact_password(text);
	must(strstr(shown, secret) == NULL);
	free(shown);

	/* and behind other text, which may spoil it all, but must not show it */
	snprintf(text, 2 * length, "%s password=%s", any, secret);
	shown = redact_password(text);
	must(strstr(shown, secret) == NULL);
	free(shown);

	snprintf(text, 2 * length, "postgresql://u:%s%s@h/d", secret, any);
	shown = redact_password(text);
	must(strstr(shown, secret) == NULL);
	free(shown);
	free(quoted);
	free(text);
}

/* Is the secret in the text, for libpq, to which a backslash is an escape? */
static bool
has_secret(const char *text)
{
	char	   *plain = strdup(text);
	char	   *out = plain;
	bool		found;

	must(plain != NULL);
	for (const char *in = text; *in != '\0'; in++)
		if (*in != '\\')
			*out++ = *in;
	*out = '\0';
	found = strstr(plain, secret) != NULL;
	free(plain);
	return found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text = text_of(data, size);

	check_redacted(text);
	(void) is_conninfo(text);
	if (strlen(text) < 300 && !has_secret(text))
		check_known(text);
	free(text);
	return 0;
}

/*
 * tls.c
 *	  TLS towards the server, by the rules of libpq's parameters.
 */
#include <arpa/inet.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "trace/tls.h"
#include "util/memory.h"
#include "util/message.h"

/* what servers from version 17 on are told that this is */
static const unsigned char protocol_name[] = "\012postgresql";

/* OpenSSL's own words for what failed last, in a buffer of ours */
static const char *
openssl_words(void)
{
	static char words[256];
	unsigned long code = ERR_get_error();

	if (code == 0)
		return "no reason given";
	ERR_error_string_n(code, words, sizeof(words));
	return ERR_reason_error_string(code) ? ERR_reason_error_string(code) : words;
}

/* A file of the parameter, or the default one in ~/.postgresql where there is one; malloc'd or NULL. */
static char *
file_of(const char *given, const char *name)
{
	const char *home = getenv("HOME");
	struct passwd *user;
	char	   *path;

	if (given != NULL)
		return xstrdup(given);
	if (home == NULL || *home == '\0')
	{
		user = getpwuid(geteuid());
		home = user ? user->pw_dir : NULL;
	}
	if (home == NULL)
		return NULL;
	path = xasprintf("%s/.postgresql/%s", home, name);
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static bool
set_versions(SSL_CTX *context, const char *least, const char *most)
{
	static const struct
	{
		const char *name;
		int			version;
	}			versions[] = {
		{"TLSv1", TLS1_VERSION}, {"TLSv1.1", TLS1_1_VERSION},
		{"TLSv1.2", TLS1_2_VERSION}, {"TLSv1.3", TLS1_3_VERSION},
	};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
	{
		if (least != NULL && strcasecmp(least, versions[i].name) == 0 &&
			SSL_CTX_set_min_proto_version(context, versions[i].version) != 1)
			return false;
		if (most != NULL && strcasecmp(most, versions[i].name) == 0 &&
			SSL_CTX_set_max_proto_version(context, versions[i].version) != 1)
			return false;
	}
	return true;
}

/*
 * Whom to trust: verify-ca and verify-full need it, and as libpq has it, require checks
 * the chain too where there is a file of roots.
 */
static bool
load_roots(TlsSettings *settings, TlsParameter parameter, const void *context)
{
	const char *mode = parameter(context, "sslmode");
	const char *given = parameter(context, "sslrootcert");
	const char *revoked_dir = parameter(context, "sslcrldir");
	bool		system = given != NULL && strcmp(given, "system") == 0;
	bool		must = mode != NULL && strncmp(mode, "verify-", strlen("verify-")) == 0;
	char	   *roots = system ? NULL : file_of(given, "root.crt");
	char	   *revoked = file_of(parameter(context, "sslcrl"), "root.crl");
	bool		loaded = true;

	settings->verify_name = mode != NULL && strcmp(mode, "verify-full") == 0;
	if (system)
		loaded = SSL_CTX_set_default_verify_paths(settings->context) == 1;
	else if (roots != NULL && (given == NULL || access(roots, R_OK) == 0 || must))
		loaded = SSL_CTX_load_verify_locations(settings->context, roots, NULL) == 1;
	else if (must)
	{
		print_error("sslmode %s needs certificates of authorities to trust: ~/.postgresql/root.crt, or what sslrootcert names", mode);
		free(roots);
		free(revoked);
		return false;
	}
	else
	{
		free(roots);
		free(revoked);
		return true;
	}

	if (!loaded)
		print_error("could not read the certificates of authorities%s%s%s: %s", roots ? " \"" : "",
					roots ? roots : "", roots ? "\"" : "", openssl_words());
	else
	{
		X509_STORE *store = SSL_CTX_get_cert_store(settings->context);

		SSL_CTX_set_verify(settings->context, SSL_VERIFY_PEER, NULL);
		if ((revoked != NULL || revoked_dir != NULL) &&
			X509_STORE_load_locations(store, revoked, revoked_dir) == 1)
			X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	}
	free(roots);
	free(revoked);
	return loaded;
}

/* A key's password, from sslpassword: nobody is asked. */
static int
give_password(char *buffer, int size, int writing, void *password)
{
	(void) writing;
	if (password == NULL)
		return 0;
	snprintf(buffer, (size_t) size, "%s", (const char *) password);
	return (int) strlen(buffer);
}

/* Who we are, where the server asks for a certificate and we have one. */
static bool
load_own(TlsSettings *settings, TlsParameter parameter, const void *context)
{
	const char *sending = parameter(context, "sslcertmode");
	char	   *certificate = file_of(parameter(context, "sslcert"), "postgresql.crt");
	char	   *key = file_of(parameter(context, "sslkey"), "postgresql.key");
	bool		good = true;

	if (certificate != NULL && access(certificate, R_OK) == 0 &&
		(sending == NULL || strcmp(sending, "disable") != 0))
	{
		/* PEM_read's callback wants it not const, and does not write there */
		SSL_CTX_set_default_passwd_cb(settings->context, give_password);
		SSL_CTX_set_default_passwd_cb_userdata(settings->context,
											   (void *) parameter(context, "sslpassword"));
		if (SSL_CTX_use_certificate_chain_file(settings->context, certificate) != 1)
		{
			print_error("could not read the certificate \"%s\": %s", certificate, openssl_words());
			good = false;
		}
		else if (key == NULL ||
				 (SSL_CTX_use_PrivateKey_file(settings->context, key, SSL_FILETYPE_PEM) != 1 &&
				  SSL_CTX_use_PrivateKey_file(settings->context, key, SSL_FILETYPE_ASN1) != 1) ||
				 SSL_CTX_check_private_key(settings->context) != 1)
		{
			print_error("the certificate \"%s\" has no key that can be used%s%s%s: %s", certificate,
						key ? " in \"" : "", key ? key : "", key ? "\"" : "", openssl_words());
			good = false;
		}
		SSL_CTX_set_default_passwd_cb_userdata(settings->context, NULL);
	}
	free(certificate);
	free(key);
	return good;
}

TlsSettings *
tls_prepare(TlsParameter parameter, const void *context)
{
	TlsSettings *settings = xcalloc(1, sizeof(TlsSettings));
	const char *tell = parameter(context, "sslsni");
	const char *negotiation = parameter(context, "sslnegotiation");
	const char *least = parameter(context, "ssl_min_protocol_version");

	ERR_clear_error();
	settings->context = SSL_CTX_new(TLS_client_method());
	settings->tell_name = tell == NULL || strcmp(tell, "0") != 0;
	settings->direct = negotiation != NULL && strcmp(negotiation, "direct") == 0;
	if (settings->context == NULL)
		print_error("TLS cannot be used: %s", openssl_words());
	else if (!set_versions(settings->context, least ? least : "TLSv1.2",
						   parameter(context, "ssl_max_protocol_version")))
		print_error("these versions of TLS cannot be used: %s", openssl_words());
	else if (load_roots(settings, parameter, context) && load_own(settings, parameter, context))
	{
		SSL_CTX_set_mode(settings->context,
						 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		SSL_CTX_set_options(settings->context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
		SSL_CTX_set_options(settings->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
		SSL_CTX_set_session_cache_mode(settings->context, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_alpn_protos(settings->context, protocol_name, sizeof(protocol_name) - 1);
		return settings;
	}
	tls_free(settings);
	return NULL;
}

void
tls_free(TlsSettings *settings)
{
	if (settings == NULL)
		return;
	SSL_CTX_free(settings->context);
	free(settings);
}

static bool
is_ip_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

SSL *
tls_begin(const TlsSettings *settings, int fd, const char *host)
{
	SSL		   *ssl = SSL_new(settings->context);

	if (ssl == NULL)
		return NULL;
	if (SSL_set_fd(ssl, fd) != 1 ||
		(settings->tell_name && *host != '\0' && !is_ip_address(host) &&
		 SSL_set_tlsext_host_name(ssl, host) != 1))
	{
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

/* Is the certificate of that host?  Its subject counts only where it lists no names. */
static bool
is_of_host(SSL *ssl, const char *host)
{
	X509	   *certificate = SSL_get_peer_certificate(ssl);
	bool		same;

	if (certificate == NULL)
		return false;
	same = X509_check_host(certificate, host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1 ||
		(is_ip_address(host) && X509_check_ip_asc(certificate, host, 0) == 1);
	X509_free(certificate);
	return same;
}

TlsProgress
tls_go_on(const TlsSettings *settings, SSL *ssl, const char *host, char **why)
{
	int			result;
	long		verdict;

	ERR_clear_error();
	result = SSL_connect(ssl);
	if (result == 1)
	{
		if (!settings->verify_name || is_of_host(ssl, host))
			return TLS_DONE;
		*why = xasprintf("the server's certificate is not of host \"%s\"", host);
		return TLS_FAILED;
	}
	switch (SSL_get_error(ssl, result))
	{
		case SSL_ERROR_WANT_READ:
			return TLS_WANTS_READ;
		case SSL_ERROR_WANT_WRITE:
			return TLS_WANTS_WRITE;
		default:
			break;
	}
	verdict = SSL_get_verify_result(ssl);
	if (verdict != X509_V_OK)
		*why = xasprintf("the server's certificate cannot be trusted: %s",
						 X509_verify_cert_error_string(verdict));
	else
		*why = xasprintf("the TLS handshake failed: %s", openssl_words());
	return TLS_FAILED;
}

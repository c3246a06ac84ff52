/*
 * tls.h
 *	  TLS towards the server, by the rules of libpq's parameters.
 */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>

#include <openssl/ssl.h>

typedef enum TlsMode
{
	TLS_NEVER,
	TLS_PREFERRED,				/* without, where the server has none */
	TLS_ALWAYS
} TlsMode;

typedef struct TlsSettings
{
	SSL_CTX    *context;
	bool		verify_name;	/* the certificate must be of the host: verify-full */
	bool		tell_name;		/* sslsni */
	bool		direct;			/* sslnegotiation=direct: no SSLRequest */
} TlsSettings;

/* the value of a parameter that is not empty, or NULL */
typedef const char *(*TlsParameter) (const void *context, const char *keyword);

/*
 * By the parameters sslmode, sslrootcert, sslcert and so on, with libpq's defaults in
 * ~/.postgresql.  NULL with a message on stderr where a file cannot be used.
 */
extern TlsSettings *tls_prepare(TlsParameter parameter, const void *context);
extern void tls_free(TlsSettings *settings);

/* A connection on a socket that is not blocking; NULL where there is none to be had. */
extern SSL *tls_begin(const TlsSettings *settings, int fd, const char *host);

typedef enum TlsProgress
{
	TLS_DONE,
	TLS_WANTS_READ,
	TLS_WANTS_WRITE,
	TLS_FAILED
} TlsProgress;

/* Go on with the handshake.  TLS_FAILED: *why says so, malloc'd. */
extern TlsProgress tls_go_on(const TlsSettings *settings, SSL *ssl, const char *host, char **why);

#endif							/* TLS_H */

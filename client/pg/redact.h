/*
 * redact.h
 *	  Connection strings without their passwords.
 */
#ifndef REDACT_H
#define REDACT_H

/*
 * A copy of a command-line argument in which the password of a conninfo
 * (keywords or URI) is replaced by "***"; the caller's, to be freed.  Anything
 * else is copied as it is.
 */
extern char *redact_password(const char *argument);

#endif							/* REDACT_H */

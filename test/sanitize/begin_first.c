/*
 * begin_first.c
 *	  Begins AddressSanitizer before any library's own initialization.
 *
 * The server's libraries include some (libgpg-error, p11-kit) that call
 * bindtextdomain when they are loaded; where the sanitizer begins inside that
 * call, the C library's lock stays taken and the next such call waits for ever.
 * Linked with -z initfirst and preloaded behind the sanitizer.
 */
#include <stdlib.h>

__attribute__((constructor)) static void
begin(void)
{
	free(malloc(1));
}

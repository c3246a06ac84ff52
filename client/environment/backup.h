/*
 * backup.h
 *	  What pg_dump would not save of the extension's tables.
 */
#ifndef BACKUP_H
#define BACKUP_H

#include "pg/session.h"

/*
 * pg_dump saves the rows and the GRANTs of an extension's tables, and silently
 * nothing else that somebody did to them.  A list of what there is of that, with
 * commas, malloc'd; "" where there is nothing; NULL, with session->error set, where
 * it could not be read.
 */
extern char *backup_losses(Session *session);

#endif							/* BACKUP_H */

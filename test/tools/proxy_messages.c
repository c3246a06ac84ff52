/*
 * proxy_messages.c
 *	  As much of the protocol (version 3.0) as the test proxy has to know: where
 *	  messages end, and which of them end a request and an answer.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proxy.h"

/* request codes in the place of a protocol version */
#define SSL_REQUEST 80877103
#define GSS_REQUEST 80877104

static void
log_exchange(const Connection *connection, int64_t bytes_sent, const char *label)
{
	if (log_file == NULL)
		return;
	fprintf(log_file, "%d %" PRId64 " %" PRId64 " %s\n", connection->number, bytes_sent,
			connection->received, label);
	fflush(log_file);
}

static void
add_label(Connection *connection, const unsigned char *text, size_t size)
{
	for (size_t i = 0; i < size && connection->nlabel < LABEL_SIZE - 1; i++)
		connection->current->label[connection->nlabel++] =
			text[i] > ' ' && text[i] < 127 ? (char) text[i] : ' ';
}

/* The client's message is complete. */
static void
end_client_message(Connection *connection, char type)
{
	Request   **last = &connection->requests;

	if (type != 'Q' && type != 'S')
		return;
	while (*last != NULL)
		last = &(*last)->next;
	*last = connection->current;
	connection->current = allocate(sizeof(Request));
	connection->nlabel = 0;
}

/* The server is ready for the next request: this one's exchange is complete. */
static void
end_exchange(Connection *connection)
{
	Request    *request = connection->requests;

	if (request != NULL)
	{
		log_exchange(connection, request->sent, request->label);
		connection->requests = request->next;
		free(request);
	}
	else
	{
		log_exchange(connection, connection->current->sent, "startup");
		memset(connection->current, 0, sizeof(Request));
		connection->nlabel = 0;
	}
	connection->received = 0;
}

size_t
follow_messages(Connection *connection, Way *way, const unsigned char *data, size_t size)
{
	bool		from_client = (way == &connection->up);
	size_t		pos = 0;

	while (pos < size)
	{
		int			type_bytes = way->untyped ? 0 : 1;
		size_t		taken;
		char		type;

		if (way->nskip > 0)
		{
			way->nskip--;
			connection->received++;
			pos++;
			continue;
		}

		/* header: type, length, and of a start-up packet its code */
		if (way->nheader < (way->untyped ? 8 : 5))
		{
			uint32_t	length;

			if (from_client && connection->nlabel == 0 && !way->untyped)
				add_label(connection, &data[pos], 1);
			way->header[way->nheader++] = data[pos++];
			if (from_client)
				connection->current->sent++;
			else
				connection->received++;
			if (way->nheader < (way->untyped ? 8 : 5))
				continue;
			memcpy(&length, way->header + type_bytes, 4);
			way->body_left = (int64_t) ntohl(length) - (way->untyped ? 8 : 4);
		}

		taken = size - pos;
		if ((int64_t) taken > way->body_left)
			taken = (size_t) way->body_left;
		if (from_client)
		{
			if (!way->untyped)
				add_label(connection, &data[pos], taken);
			connection->current->sent += (int64_t) taken;
		}
		else
			connection->received += (int64_t) taken;
		pos += taken;
		way->body_left -= (int64_t) taken;
		if (way->body_left > 0)
			break;

		/* a whole message */
		type = way->untyped ? '\0' : (char) way->header[0];
		way->nheader = 0;
		if (way->untyped)
		{
			uint32_t	code;

			memcpy(&code, way->header + 4, 4);
			if (ntohl(code) == SSL_REQUEST || ntohl(code) == GSS_REQUEST)
				connection->down.nskip++;
			else
				way->untyped = false;
		}
		else if (from_client)
			end_client_message(connection, type);
		else if (type == 'Z')
		{
			end_exchange(connection);
			if (cut_after > 0 && --cut_after == 0)
			{
				connection->cut = true;
				return cut_whole ? 0 : pos < 6 ? 0 : pos - 6;
			}
		}
	}

	/* of the answer that will be cut nothing gets through */
	return !from_client && cut_after == 1 && cut_whole && connection->received > 0 ? 0 : size;
}

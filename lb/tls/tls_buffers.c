#include "lb/tls/tls_buffers.h"

#include <stdlib.h>

#include "lb/base/memory.h"

void tls_buffers_need(struct tls_buffers *buffers)
{
    if (buffers->sending)
        return;
    buffers->sending =
        memory_resize(NULL, TLS_SENDING_BYTES + TLS_RECORD_BYTES + TLS_RECEIVED_BYTES);
    buffers->gathered = buffers->sending + TLS_SENDING_BYTES;
    buffers->received = buffers->gathered + TLS_RECORD_BYTES; /* the last: its size is an odd one */
}

void tls_buffers_fini(struct tls_buffers *buffers)
{
    free(buffers->sending);
    buffers->sending = NULL;
}

#include "lb/tls/tls_buffers.h"

#include <stdlib.h>

#include "lb/base/memory.h"

void tls_buffers_need(struct tls_buffers *buffers)
{
    if (buffers->received)
        return;
    buffers->received =
        memory_resize(NULL, TLS_RECEIVED_BYTES + TLS_SENDING_BYTES + TLS_RECORD_BYTES);
    buffers->sending = buffers->received + TLS_RECEIVED_BYTES;
    buffers->gathered = buffers->sending + TLS_SENDING_BYTES;
}

void tls_buffers_fini(struct tls_buffers *buffers)
{
    free(buffers->received);
    buffers->received = NULL;
}

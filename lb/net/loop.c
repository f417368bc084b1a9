#include "lb/net/loop.h"

#include <assert.h>
#include <stdlib.h>

#include "lb/base/memory.h"

int loop_init(struct loop *loop)
{
    *loop = (struct loop){0};
    int rc = uv_loop_init(&loop->uv);
    if (rc < 0)
        return rc;
    deadline_wheel_init(&loop->deadlines, &loop->uv);
    loop->read_buffer = memory_resize(NULL, LOOP_READ_BYTES);
    return 0;
}

void loop_fini(struct loop *loop)
{
    deadline_wheel_close(&loop->deadlines);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    int rc = uv_loop_close(&loop->uv);
    assert(rc == 0);
    (void)rc;
    free(loop->read_buffer);
    block_pool_fini(&loop->blocks);
    splice_pool_fini(&loop->splices);
}

#include "lb/net/errand.h"

#include <sys/resource.h>

#include "lb/base/list.h"
#include "lb/base/thread.h"

/* About a tenth of what a loop's thread gets of the same CPU. */
#define ERRAND_NICE 10

static void on_uv_work(uv_work_t *work)
{
    struct errand *errand = list_entry(work, struct errand, work);
    (void)!setpriority(PRIO_PROCESS, 0, ERRAND_NICE); /* on Linux, of this thread alone */
    errand->run(errand);
}

static void on_uv_after_work(uv_work_t *work, int status)
{
    struct errand *errand = list_entry(work, struct errand, work);
    errand->loop->errand_count--;
    errand->on_done(errand, status == 0);
}

/* The first one starts the pool, whose threads take the signals that this one takes. */
static int queue(struct errand *errand, struct loop *loop)
{
    sigset_t before;
    thread_hold_signals(&before);
    int rc = uv_queue_work(&loop->uv, &errand->work, on_uv_work, on_uv_after_work);
    thread_release_signals(&before);
    return rc;
}

bool errand_start(struct errand *errand, struct loop *loop)
{
    if (loop->errand_count >= ERRAND_MAX)
        return false;
    errand->loop = loop;
    if (queue(errand, loop) < 0)
        return false;
    loop->errand_count++;
    return true;
}

void errand_call_off(struct errand *errand)
{
    uv_cancel((uv_req_t *)&errand->work);
}

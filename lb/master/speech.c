#include "lb/master/speech.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/parcel.h"
#include "lb/master/master_state.h"

#define PAUSE_MS 10 /* while too many descriptors are on their way */

void speech_end(struct process *process, const char *why)
{
    log_error("lb-proxy %d is being ended: %s", (int)process->pid, why);
    processes_kill(process, SIGKILL);
    if (process->channel >= 0)
        close(process->channel);
    process->channel = -1;
    process->full_until_ns = 0;
}

/* Never longer than `until_ns`, however it takes one after the other. */
static bool wait_for_room(int channel, int error, uint64_t until_ns)
{
    struct pollfd wish = {.fd = channel, .events = POLLOUT};
    uint64_t now_ns = clock_mono_ns();
    if (now_ns >= until_ns)
        return false;
    if (error == -ETOOMANYREFS)
        return poll(NULL, 0, PAUSE_MS) == 0;
    return error == -EAGAIN && poll(&wish, 1, (int)((until_ns - now_ns) / MASTER_MS) + 1) == 1;
}

int speech_send(int channel, const struct channel_message *message, const int *fds,
                unsigned fd_count, uint64_t until_ns)
{
    int rc;
    do
        rc = parcel_send(channel, message, sizeof(*message), fds, fd_count);
    while (rc < 0 && wait_for_room(channel, rc, until_ns));
    return rc;
}

void speech_say(struct process *process, const struct channel_message *message, const int *fds,
                unsigned fd_count)
{
    if (process->channel < 0)
        return;
    int rc =
        speech_send(process->channel, message, fds, fd_count, master_in_ms(SPEECH_PATIENCE_MS));
    if (rc == -EAGAIN || rc == -ETOOMANYREFS)
        speech_end(process, "it takes no messages");
}

void speech_mention(struct process *process, const struct channel_message *message)
{
    if (process->channel >= 0)
        parcel_send(process->channel, message, sizeof(*message), NULL, 0);
}

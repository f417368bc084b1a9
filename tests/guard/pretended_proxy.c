/* Lies where lb-proxy should, and is none: what a new version may be like that does not work out. PRETEND says how:
 * "exit" ends with status 1; "silence" says nothing; "version" speaks another version of the channel; "crash" ends by a
 * signal; "unready" greets, seals itself, and never is ready. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lb/base/parcel.h"
#include "lb/contract/channel.h"

static void say(enum channel_kind kind, uint64_t value)
{
    struct channel_message message = {.kind = kind, .value = value};
    if (kind == CHANNEL_HELLO)
        snprintf(message.text, sizeof(message.text), "9.9.9");
    parcel_send(CHANNEL_FD, &message, sizeof(message), NULL, 0);
}

static void hear(void)
{
    struct channel_message message;
    int fds[PARCEL_FDS_MAX];
    unsigned count;
    parcel_receive(CHANNEL_FD, &message, sizeof(message), fds, &count);
}

static void wait_for_the_end(void)
{
    for (;;)
        pause();
}

int main(void)
{
    const char *how = getenv("PRETEND");
    prctl(PR_SET_NAME, "lb-proxy");
    if (!how || strcmp(how, "exit") == 0)
        return 1;
    if (strcmp(how, "crash") == 0)
        raise(SIGKILL);
    if (strcmp(how, "silence") == 0)
        wait_for_the_end();
    say(CHANNEL_HELLO, CHANNEL_VERSION + (strcmp(how, "version") == 0));
    hear();
    say(CHANNEL_PLACE, 0);
    hear();
    say(CHANNEL_PLAN, 0);
    say(CHANNEL_SEALED, 0);
    wait_for_the_end();
}

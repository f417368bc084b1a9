#include "lb/master/guest.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/master/master_state.h"
#include "lb/master/speech.h"

void guest_init(struct guest *guest)
{
    *guest = (struct guest){.door = {.fd = -1, .type = SOCK_STREAM}, .connection = -1};
}

/* Whoever has copies of it sees its end. */
static void send_away(struct guest *guest)
{
    if (guest->connection < 0)
        return;
    shutdown(guest->connection, SHUT_RDWR);
    close(guest->connection);
    guest->connection = -1;
}

static void pass_on(struct master *master)
{
    struct process *process = processes_of_role(&master->processes, PROCESS_SERVING);
    struct channel_message message = {.kind = CHANNEL_LINE};
    if (master->guest.connection < 0 || !process || process->stage != PROCESS_SEALED)
        return;
    message.value = ++master->discovery.helper.start_count;
    speech_say(process, &message, &master->guest.connection, 1);
    master->guest.is_read = true;
}

static void open_door(struct master *master)
{
    struct door *door = &master->guest.door;
    const char *path = master->place.discovery_path;
    bool is_open = door->fd >= 0 && strcmp(door->path, path) == 0;
    int rc = door_open(door, path);
    if (rc < 0)
        log_error("--discovery: lb-discovery cannot come by %s: %s; let user %u make a socket "
                  "there, and say lb ctl upgrade",
                  path, strerror(-rc), (unsigned)geteuid());
    else if (!is_open && door->fd >= 0)
        log_info("lb-discovery is awaited at %s (lb-discovery --to unix:%s)", path, path);
}

void guest_follow(struct master *master)
{
    struct guest *guest = &master->guest;
    open_door(master);
    if (guest->is_read || guest->door.fd < 0)
        send_away(guest);
    pass_on(master);
}

void guest_answer_door(struct master *master)
{
    struct guest *guest = &master->guest;
    int fd = door_accept(&guest->door, master->place.proxy_uid);
    if (fd < 0)
        return;
    send_away(guest);
    guest->connection = fd;
    guest->is_read = false;
    pass_on(master);
}

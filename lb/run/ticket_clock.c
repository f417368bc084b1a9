#include "lb/run/ticket_clock.h"

#include "lb/base/list.h"

static void strike(struct ticket_clock *clock)
{
    crew_rotate_tickets(clock->crew);
    deadline_arm(&clock->loop->deadlines, &clock->due, TICKET_CLOCK_EVERY_MS);
}

static void on_due(struct deadline *due)
{
    strike(list_entry(due, struct ticket_clock, due));
}

void ticket_clock_open(struct ticket_clock *clock, struct loop *loop, struct crew *crew)
{
    *clock = (struct ticket_clock){.loop = loop, .crew = crew};
    deadline_init(&clock->due, on_due);
    if (crew->tickets)
        strike(clock);
}

void ticket_clock_close(struct ticket_clock *clock)
{
    if (clock->loop)
        deadline_disarm(&clock->due);
}

#include "acme/schedule.h"

#define DAY_S  86400
#define FACTOR 3

static int64_t part_of(int64_t span_s, uint64_t salt)
{
    return span_s > 0 ? (int64_t)(salt % ((uint64_t)span_s + 1)) : 0;
}

int64_t schedule_renewal_s(int64_t not_before_s, int64_t not_after_s, uint64_t salt)
{
    int64_t life_s = not_after_s > not_before_s ? not_after_s - not_before_s : 0;
    return not_before_s + life_s / 3 * 2 - part_of(life_s / 30, salt);
}

int64_t schedule_window_s(int64_t start_s, int64_t end_s, int64_t not_before_s, int64_t not_after_s,
                          uint64_t salt)
{
    int64_t life_s = not_after_s > not_before_s ? not_after_s - not_before_s : 0;
    int64_t rest_s = life_s / 6 < DAY_S ? life_s / 6 : DAY_S;
    int64_t chosen_s = start_s + (end_s > start_s ? part_of(end_s - start_s, salt) : 0);
    int64_t latest_s = not_before_s + life_s - life_s / 12; /* whatever it says, before the end */
    if (chosen_s > latest_s)
        chosen_s = latest_s;
    return chosen_s > not_before_s + rest_s ? chosen_s : not_before_s + rest_s;
}

int64_t schedule_retry_after_s(unsigned failure_count, unsigned wanted_s, uint64_t random)
{
    int64_t wait_s = SCHEDULE_RETRY_FIRST_S;
    for (unsigned i = 1; i < failure_count && wait_s < SCHEDULE_RETRY_LAST_S; i++)
        wait_s *= FACTOR;
    if (wait_s > SCHEDULE_RETRY_LAST_S)
        wait_s = SCHEDULE_RETRY_LAST_S;
    wait_s += part_of(wait_s / 8, random);
    return wait_s > (int64_t)wanted_s ? wait_s : (int64_t)wanted_s;
}

#include "lb/crew/cpus.h"

#include <sched.h>
#include <stdio.h>

static unsigned count_affinity(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? (unsigned)count : 1;
}

/* Quota and period in microseconds. Fails: false, also for "max". */
static int read_quota(double *quota, double *period)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    int found = 0;
    if (file) {
        found = fscanf(file, "%lf %lf", quota, period) == 2;
        fclose(file);
        return found;
    }
    file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re");
    FILE *other = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re");
    if (file && other)
        found = fscanf(file, "%lf", quota) == 1 && fscanf(other, "%lf", period) == 1;
    if (file)
        fclose(file);
    if (other)
        fclose(other);
    return found;
}

unsigned cpus_allowed(void)
{
    unsigned count = count_affinity();
    double quota, period;
    if (read_quota(&quota, &period) && quota > 0 && period > 0) {
        unsigned whole = (unsigned)(quota / period);
        unsigned needed = whole + (quota > whole * period);
        if (needed > 0 && needed < count)
            count = needed;
    }
    return count;
}

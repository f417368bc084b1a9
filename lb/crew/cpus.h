/* How many CPUs this process may use. */
#ifndef LB_CREW_CPUS_H
#define LB_CREW_CPUS_H

/* CPUs of the affinity mask, or of the cgroup's quota rounded up (v2 cpu.max, v1 cfs_quota_us) if
 * that is less; at least 1. */
unsigned cpus_allowed(void);

#endif

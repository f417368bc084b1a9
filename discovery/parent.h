/* The lb that started this program, if one did: LB_DISCOVERY_PARENT says so, with its process id where that is known. */
#ifndef DISCOVERY_PARENT_H
#define DISCOVERY_PARENT_H

/* `parent` is that variable, or NULL: there is none, and both do nothing. */

/* A child that cannot even begin tells lb why, as its standard error may be read by nobody. */
void parent_tell_problem(const char *parent, const char *problem);

/* A child ends with lb, however lb ends; at once where lb has ended. */
void parent_follow(const char *parent);

#endif

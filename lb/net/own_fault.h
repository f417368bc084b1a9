/* Says on the operator log that lb itself lacks something it needs for connections. Each is a line
 * a minute at most. Thread: any. */
#ifndef LB_NET_OWN_FAULT_H
#define LB_NET_OWN_FAULT_H

/* `status`: a negative libuv error. */
void own_fault_in_connecting(int status);
void own_fault_in_accepting(int status);
void own_fault_in_checking(int status);

/* Clients were cut off because more waited than --max-buffers. */
void own_fault_full(void);

/* A client was refused because of --max-connections, or what stands for it. */
void own_fault_crowded(void);

#endif

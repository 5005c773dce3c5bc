/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DMA_GATE_IOCTL_H
#define DMA_GATE_IOCTL_H

struct file;

long gate_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* DMA_GATE_IOCTL_H */

/*
 * style.h
 *	  How a page looks: style.css, as the build takes it in.
 */
#ifndef STYLE_H
#define STYLE_H

extern const char page_style[];

#endif							/* STYLE_H */

"""Search over everything that a team has: leads, people, numbers, campaigns, tasks, lists, tags, views, imports, more.

Owns no table. Promises: nobody finds what they may not open, nor learns by searching what is masked for them; what is
exactly what was typed comes first; an answer costs the same whether a word is rare or stands in every lead.
Knocked at by the palette, the page of all results, the API and the command line.
"""

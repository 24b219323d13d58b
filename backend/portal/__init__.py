"""The pages people see: firm, bank desk, guarantor, fund, whitelist issuer, operator.

Enters: a browser's request, with a session cookie and, in each form, the session's token.
Leaves: HTML in 简体中文 or English, or a redirect after something was done.
Always holds: a page works without JavaScript and fetches nothing from elsewhere; a form calls the same action as the JSON route;
no identifier or machine code is shown to a person; another's object and a missing one look the same.
"""

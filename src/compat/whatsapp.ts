// The "whatsapp" API is the root itself: these are the native routes that it promises.

export const WHATSAPP = [
  'POST /auth/register',
  'POST /auth/login',
  'GET /auth/me',
  'POST /auth/logout',
  'POST /chats',
  'GET /chats',
  'GET /chats/:id',
  'DELETE /chats/:id',
  'POST /chats/:id/messages',
  'GET /chats/:id/messages',
  'PUT /chats/:id/messages/:mid/read',
  'GET /users',
  'GET /users/:id',
  'GET /users/search/:query',
  'PUT /users/me',
  'PUT /users/me/status',
  'DELETE /users/me',
]

import { createRoot } from 'react-dom/client';
import { LiveConversation } from './live-conversation.js';
import { Page } from './page.js';

const place = document.getElementById('page');
if (place !== null) {
  const conversation = new LiveConversation();
  createRoot(place).render(<Page conversation={conversation} />);
  void conversation.start();
}
